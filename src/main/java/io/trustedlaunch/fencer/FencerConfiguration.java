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
public record FencerConfiguration(String namespace, Duration leaseDuration, OptionalInt healthPort) {
    /** A leader that cannot renew its Lease ends after this time, before another process may lead. */
    Duration renewDeadline() {
        return leaseDuration.multipliedBy(2).dividedBy(3);
    }

    Duration retryPeriod() {
        return leaseDuration.dividedBy(6);
    }
}
