package io.trustedlaunch.operator.fencing;

import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatusBuilder;

/** The next step for one NodeFence. */
sealed interface FenceStep {
    record Create(NodeFenceSpec spec) implements FenceStep {}

    record Report(NodeFence fence, NodeFenceStatus status) implements FenceStep {
        /** The status to record before the step, for a fence that has none yet. */
        NodeFenceStatus requested() {
            return NodeFenceStatusBuilder.builder(status)
                    .phase(Phase.Requested)
                    .message(
                            "it is made sure that neither its agent nor its kubelet is heard. Nothing is started elsewhere")
                    .proof(null)
                    .build();
        }

        /** It follows from silence, and has consequences. */
        boolean restsOnSilence() {
            NodeFenceSpec spec = fence.getSpec();
            return (status.phase() == Phase.Fencing && spec.automatic())
                    || (status.phase() == Phase.Proved && spec.method() != Method.Power);
        }
    }

    /** @param why for people */
    record Remove(NodeFence fence, String why) implements FenceStep {}
}
