package io.trustedlaunch.operator.fencing;

import io.trustedlaunch.api.NodeFence;
import io.trustedlaunch.api.NodeFenceSpec;
import io.trustedlaunch.api.NodeFenceStatus;

/** What follows for one NodeFence. */
sealed interface FenceStep {
    record Create(NodeFenceSpec spec) implements FenceStep {}

    record Report(NodeFence fence, NodeFenceStatus status) implements FenceStep {}

    /** @param why for people */
    record Remove(NodeFence fence, String why) implements FenceStep {}
}
