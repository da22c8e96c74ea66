package io.trustedlaunch.operator.fencing;

import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.NodeFenceSpec;
import io.trustedlaunch.api.NodeFenceSpec.Method;
import io.trustedlaunch.api.NodeFenceStatus;
import io.trustedlaunch.api.NodeFenceStatus.Phase;

/** What follows for one NodeFence. */
sealed interface FenceStep {
    record Create(NodeFenceSpec spec) implements FenceStep {}

    record Report(NodeFence fence, NodeFenceStatus status) implements FenceStep {
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
