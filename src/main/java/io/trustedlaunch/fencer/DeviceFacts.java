package io.trustedlaunch.fencer;

import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import java.time.Instant;
import java.util.List;

/**
 * The facts from which the next step for a FenceDevice is planned.
 *
 * @param fences all of its node
 */
record DeviceFacts(FenceDevice device, List<NodeFence> fences, Instant now) {}
