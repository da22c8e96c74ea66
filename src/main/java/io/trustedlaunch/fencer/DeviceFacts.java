package io.trustedlaunch.fencer;

import io.trustedlaunch.api.FenceDevice;
import io.trustedlaunch.api.NodeFence;
import java.time.Instant;
import java.util.List;

/**
 * What the next step for a FenceDevice is planned from.
 *
 * @param fences all of its node
 */
record DeviceFacts(FenceDevice device, List<NodeFence> fences, Instant now) {}
