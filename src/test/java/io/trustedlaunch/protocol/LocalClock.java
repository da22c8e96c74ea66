package io.trustedlaunch.protocol;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The clock of one host. Somebody may set it; its monotonic time goes on at the true rate, whatever the clock says. */
final class LocalClock implements InstantSource {
    private final VirtualClock truth;
    private Duration offset = Duration.ZERO;

    LocalClock(VirtualClock truth) {
        this.truth = truth;
    }

    @Override
    public Instant instant() {
        return truth.instant().plus(offset);
    }

    long nanoTime() {
        return truth.nanoTime();
    }

    /** Forward; back if it is negative. */
    void step(Duration by) {
        offset = offset.plus(by);
    }

    /** It is set to the true time. */
    void correct() {
        offset = Duration.ZERO;
    }
}
