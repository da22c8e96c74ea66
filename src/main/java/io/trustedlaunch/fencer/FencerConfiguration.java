package io.trustedlaunch.fencer;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * The configuration of a fencer process.
 *
 * @param namespace the fencer's own, with the Secrets of FenceDevices and its Lease
 * @param leaseDuration after which another process may replace a leader that does not renew its Lease
 * @param healthPort serves the probes; empty for none
 */
public record FencerConfiguration(String namespace, Duration leaseDuration, OptionalInt healthPort) {}
