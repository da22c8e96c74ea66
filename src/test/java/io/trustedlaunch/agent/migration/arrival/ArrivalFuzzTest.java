package io.trustedlaunch.agent.migration.arrival;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** A short, fixed part of what {@code bin/fuzz} tries. */
class ArrivalFuzzTest {
    private static final int ROUNDS = 3000;
    private static final int LONGEST = 24;

    private final Random random = new Random(42);

    @Test
    void aChangedDomainIsRefusedOrNamesNothingForeign() throws Exception {
        byte[] recorded = Recordings.domain("windows-11");
        for (int i = 0; i < ROUNDS; i++) {
            ArrivalChecks.domain(Recordings.changed(recorded, bytes()));
        }
    }

    @Test
    void aChangedCookieIsAcceptedOrRefused() {
        byte[] recorded = ArrivalChecks.cookieWithDisks();
        for (int i = 0; i < ROUNDS; i++) {
            ArrivalChecks.cookie(Recordings.changed(recorded, bytes()));
        }
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(LONGEST)];
        random.nextBytes(bytes);
        return bytes;
    }
}
