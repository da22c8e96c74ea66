package io.trustedlaunch.e2e;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * A host that hangs, one that is cut off, and a false word about one that is heard; {@code bin/chaos --failover} runs more, and
 * lies about hosts that are cut off, which take minutes each.
 */
class FailoverFaultsE2E {
    private static final long[] SEEDS = {13, 14, 5};

    @Test
    void aGuestOutlivesItsHostsWhateverDiesMeanwhile() {
        FailoverChaosE2E.runEach(LongStream.of(SEEDS));
    }
}
