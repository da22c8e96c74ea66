package io.trustedlaunch.operator.fencing;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what is planned for NodeFences.
 *
 * @param changed called with a NodeFence as it was, and its new status that was written
 * @param cache learns what was written, since its watch may be late
 */
record FenceExecutor(
        SilenceCheck silence,
        ResourceWriter writer,
        Failpoints failpoints,
        BiConsumer<NodeFence, NodeFenceStatus> changed,
        Cache cache) {
    private static final Logger LOG = LoggerFactory.getLogger(FenceExecutor.class);

    /** The NodeFences that the next plan is made from. */
    interface Cache {
        void created(NodeFence fence);

        void written(NodeFence fence, NodeFence before);

        void removed(NodeFence fence);
    }

    void carryOut(FenceStep step) {
        switch (step) {
            case FenceStep.Create(NodeFenceSpec spec) -> create(spec);
            case FenceStep.Report report -> report(report);
            case FenceStep.Remove(NodeFence fence, String why) -> remove(fence, why);
        }
    }

    private void create(NodeFenceSpec spec) {
        NodeFence fence = new NodeFence();
        fence.setMetadata(new ObjectMetaBuilder()
                .withName(NodeFence.nameOf(spec.nodeName(), spec.bootID()))
                .build());
        fence.setSpec(spec);
        NodeFence created = writer.createIfAbsent(fence);
        cache.created(created);
        LOG.info("{} is requested", name(created));
        failpoints.reached(Failpoint.OPERATOR_FENCE_REQUESTED);
    }

    /** Another process led when it was written last, and may not know that it leads no more. What that one writes now fails. */
    boolean isOfFormerLeader(NodeFence fence) {
        return fence.status()
                .filter(status -> status.phase() == Phase.Requested || status.phase() == Phase.Failed)
                .filter(status -> !silence.leader().equals(status.leader()))
                .isPresent();
    }

    void takeOver(NodeFence fence) {
        write(fence, fence.getStatus());
    }

    private void report(FenceStep.Report step) {
        NodeFence fence = step.fence();
        if (step.restsOnSilence()) {
            if (fence.getStatus() == null) {
                write(fence, step.requested());
                return;
            }
            if (!silence.isSilent(fence.getSpec().nodeName())) {
                LOG.info("{} stays as it is: the node was heard after all", name(fence));
                return;
            }
        }
        write(fence, step.status());
    }

    private void write(NodeFence fence, NodeFenceStatus next) {
        NodeFenceStatus status = NodeFenceStatusBuilder.from(next).withLeader(silence.leader());
        NodeFence reported = new NodeFence();
        reported.setMetadata(fence.getMetadata());
        reported.setSpec(fence.getSpec());
        reported.setStatus(status);
        NodeFence written = writer.replaceStatus(reported);
        changed.accept(fence, status);
        FenceEvents.of(fence.status(), status).ifPresent(event -> writer.event(written, event));
        cache.written(written, fence);
        LOG.info("{} is {}: {}", name(fence), status.phase(), status.message());
        point(status.phase()).ifPresent(failpoints::reached);
    }

    private void remove(NodeFence fence, String why) {
        writer.delete(fence);
        cache.removed(fence);
        FenceEvents.removed(fence.status(), why).ifPresent(event -> writer.event(fence, event));
        LOG.info("{} is removed: {}", name(fence), why);
    }

    private static Optional<Failpoint> point(Phase phase) {
        return switch (phase) {
            case Fencing -> Optional.of(Failpoint.OPERATOR_FENCE_FENCING);
            case Proved -> Optional.of(Failpoint.OPERATOR_FENCE_PROVED);
            case Released -> Optional.of(Failpoint.OPERATOR_FENCE_RELEASED);
            case Requested, Failed, Contradicted -> Optional.empty();
        };
    }

    private static String name(NodeFence fence) {
        return "NodeFence " + fence.getMetadata().getName();
    }
}
