package io.trustedlaunch.operator.fencing;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatus.Proof;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.operator.fencing.FenceFacts.Fence;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The next status of a NodeFence; no step if nothing changes. */
record FenceStatus(Fence fence, Instant now) {
    Optional<FenceStep> of(Phase phase, String message) {
        return report(phase, Optional.empty(), message, Optional.empty());
    }

    Optional<FenceStep> of(Phase phase, Reason reason, String message) {
        return report(phase, Optional.of(reason), message, Optional.empty());
    }

    Optional<FenceStep> proved(String message, Proof proof) {
        return report(Phase.Proved, Optional.empty(), message, Optional.of(proof));
    }

    /** @param methods of what people say, which does not count */
    Optional<FenceStep> contradicted(String message, List<Method> methods) {
        NodeFenceStatus status = builder(Phase.Contradicted)
                .reason(Reason.FenceContradicted.name())
                .message(message)
                .contradictedMethods(methods)
                .build();
        return report(status);
    }

    /** The proof stays on record. */
    Optional<FenceStep> released(String message) {
        return report(
                Phase.Released,
                Optional.empty(),
                message,
                fence.resource().status().map(NodeFenceStatus::proof));
    }

    /**
     * A phase that begins in the future did so by a clock that was wrong. It begins now, so that it counts, and is kept, for as
     * long as any other.
     */
    Optional<FenceStep> redated() {
        return fence.resource()
                .status()
                .filter(known -> RecordedTime.isFuture(Instant.parse(known.since()), now))
                .flatMap(known -> report(NodeFenceStatusBuilder.builder(known)
                        .since(now.toString())
                        .build()));
    }

    private Optional<FenceStep> report(Phase phase, Optional<Reason> reason, String message, Optional<Proof> proof) {
        return report(builder(phase)
                .reason(reason.map(Reason::name).orElse(null))
                .message(message)
                .proof(proof.orElse(null))
                .build());
    }

    private NodeFenceStatusBuilder builder(Phase phase) {
        Optional<NodeFenceStatus> before = fence.resource().status();
        return NodeFenceStatusBuilder.builder()
                .phase(phase)
                .since(before.filter(known -> known.phase() == phase)
                        .map(NodeFenceStatus::since)
                        .orElseGet(now::toString))
                .leader(before.map(NodeFenceStatus::leader).orElse(null));
    }

    private Optional<FenceStep> report(NodeFenceStatus status) {
        return fence.resource().status().equals(Optional.of(status))
                ? Optional.empty()
                : Optional.of(new FenceStep.Report(fence.resource(), status));
    }
}
