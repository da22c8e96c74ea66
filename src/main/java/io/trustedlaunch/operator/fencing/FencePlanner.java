package io.trustedlaunch.operator.fencing;

import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.NodeFenceSpec;
import io.trustedlaunch.api.NodeFenceSpec.Method;
import io.trustedlaunch.api.NodeFenceStatus;
import io.trustedlaunch.api.NodeFenceStatus.Phase;
import io.trustedlaunch.api.NodeFenceStatus.Proof;
import io.trustedlaunch.api.NodeFenceStatusBuilder;
import io.trustedlaunch.operator.fencing.FenceFacts.Fence;
import io.trustedlaunch.operator.fencing.FenceFacts.Word;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Decides what proves a node dead; pure. Silence is no proof, and a word counts only as long as nothing contradicts it. A proof
 * holds for one boot of the host.
 */
final class FencePlanner {
    /** Agents and kubelets renew their Leases every ten seconds: three renewals may be lost. */
    static final Duration SILENCE = Duration.ofSeconds(40);

    /** A released fence shows what happened, and incarnations that begin because of it look it up. */
    static final Duration RETENTION = Duration.ofDays(1);

    private final FenceFacts facts;

    private FencePlanner(FenceFacts facts) {
        this.facts = facts;
    }

    /** At most one step for each NodeFence. */
    static List<FenceStep> plan(FenceFacts facts) {
        FencePlanner planner = new FencePlanner(facts);
        return Stream.concat(
                        facts.fences().stream().flatMap(fence -> planner.next(fence).stream()),
                        planner.request().stream())
                .toList();
    }

    /** A word about another boot than the last one that was heard says nothing of the guests that may run now. */
    private Optional<FenceStep> request() {
        return facts.words().stream()
                .filter(word -> facts.boot().equals(Optional.of(word.boot())))
                .filter(word ->
                        facts.fences().stream().noneMatch(fence -> fence.boot().equals(word.boot())))
                .findFirst()
                .map(word -> new FenceStep.Create(new NodeFenceSpec(facts.node(), word.boot(), word.method())));
    }

    private Optional<FenceStep> next(Fence fence) {
        if (fence.phase() == Phase.Released) {
            return isOld(fence.resource()) ? Optional.of(new FenceStep.Remove(fence.resource())) : Optional.empty();
        }
        if (facts.isInAnotherBoot(fence)) {
            return fence.phase() == Phase.Proved
                    ? report(fence, Phase.Released, "the host is back in another boot", proof(fence))
                    : Optional.of(new FenceStep.Remove(fence.resource()));
        }
        return switch (fence.phase()) {
            case Requested -> requested(fence);
            case Proved -> fence.agentHeard() ? contradicted(fence, "its agent") : Optional.empty();
            case Contradicted ->
                facts.wordFor(fence).isPresent()
                        ? Optional.empty()
                        : Optional.of(new FenceStep.Remove(fence.resource()));
            case Fencing, Failed, Released -> Optional.empty();
        };
    }

    private Optional<FenceStep> requested(Fence fence) {
        Optional<Word> word = facts.wordFor(fence);
        if (word.isEmpty()) {
            return Optional.of(new FenceStep.Remove(fence.resource()));
        }
        if (fence.agentHeard() || fence.kubeletHeard()) {
            return contradicted(fence, fence.agentHeard() ? "its agent" : "its kubelet");
        }
        boolean silent = facts.agentSilence().compareTo(SILENCE) >= 0
                && facts.kubeletSilence().compareTo(SILENCE) >= 0;
        return silent
                ? report(
                        fence,
                        Phase.Proved,
                        word.get().by()
                                + " says that the host is off, and neither its agent nor its kubelet is heard: its"
                                + " VMs start on other nodes",
                        Optional.of(new Proof(
                                word.get().by(),
                                "silent for " + SILENCE.toSeconds() + " s",
                                null,
                                facts.now().toString())))
                : report(
                        fence,
                        Phase.Requested,
                        word.get().by()
                                + " says that the host is off. Nothing is started elsewhere until neither its agent"
                                + " nor its kubelet has been heard for " + SILENCE.toSeconds() + " s",
                        Optional.empty());
    }

    private Optional<FenceStep> contradicted(Fence fence, String who) {
        return report(
                fence,
                Phase.Contradicted,
                who + " was heard although the host is said to be off, so nothing more is started elsewhere. "
                        + withdraw(fence) + ", see that the host is really off, and say so again",
                Optional.empty());
    }

    private static String withdraw(Fence fence) {
        return fence.method() == Method.OutOfService
                ? "Remove the taint node.kubernetes.io/out-of-service"
                : "Remove spec.fencing.statement (kubectl tlvm fence --withdraw)";
    }

    private static Optional<Proof> proof(Fence fence) {
        return Optional.ofNullable(fence.resource().getStatus()).map(NodeFenceStatus::proof);
    }

    private Optional<FenceStep> report(Fence fence, Phase phase, String message, Optional<Proof> proof) {
        Optional<NodeFenceStatus> before = Optional.ofNullable(fence.resource().getStatus());
        NodeFenceStatus status = NodeFenceStatusBuilder.builder()
                .phase(phase)
                .since(before.filter(known -> known.phase() == phase)
                        .map(NodeFenceStatus::since)
                        .orElseGet(() -> facts.now().toString()))
                .message(message)
                .proof(proof.orElse(null))
                .build();
        return before.equals(Optional.of(status))
                ? Optional.empty()
                : Optional.of(new FenceStep.Report(fence.resource(), status));
    }

    private boolean isOld(NodeFence fence) {
        return facts.now().isAfter(Instant.parse(fence.getStatus().since()).plus(RETENTION));
    }
}
