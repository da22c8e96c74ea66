package io.trustedlaunch.e2e;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Three deaths of hosts and two false words; {@code bin/chaos --failover} runs more. */
class FailoverFaultsE2E {
    private static final long[] SEEDS = {31, 29, 10};

    @Test
    void aGuestOutlivesItsHostsWhateverDiesMeanwhile() {
        FailoverChaosE2E.runEach(LongStream.of(SEEDS));
    }
}
