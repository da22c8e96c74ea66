package io.trustedlaunch.e2e;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * A host that hangs, one that is cut off, and false words about one that is heard and one that is not;
 * {@code bin/chaos --failover} runs more.
 */
class FailoverFaultsE2E {
    private static final long[] SEEDS = {13, 14, 5, 16};

    @Test
    void aGuestOutlivesItsHostsWhateverDiesMeanwhile() {
        FailoverChaosE2E.runEach(LongStream.of(SEEDS));
    }
}
