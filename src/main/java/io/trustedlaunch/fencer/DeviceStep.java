package io.trustedlaunch.fencer;

import io.trustedlaunch.api.node.NodeFence;
import java.time.Duration;

/** The next step for a FenceDevice. */
sealed interface DeviceStep {
    /** The power of its machine is cut for this fence. */
    record Cut(NodeFence fence) implements DeviceStep {}

    /** Its controller is asked which machine it is in. */
    record Inspect() implements DeviceStep {}

    record Wait(Duration time) implements DeviceStep {}
}
