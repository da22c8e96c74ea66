package io.trustedlaunch.e2e;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A host that hangs, one that is cut off, and one that is said to be dead; {@code bin/chaos --failover} runs more. */
class FailoverFaultsE2E {
    private static final long[] SEEDS = {31, 29, 10};

    @Test
    void aGuestOutlivesItsHostsWhateverDiesMeanwhile() {
        Map<String, HostDeath> deaths = new LinkedHashMap<>();
        LongStream.of(SEEDS).forEach(seed -> deaths.put("seed " + seed, FailoverChaosE2E.death(seed)));
        FailoverTrials.runEach("deaths", deaths);
    }
}
