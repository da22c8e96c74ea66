package io.trustedlaunch.e2e;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fixed schedules of {@link FailoverChaosE2E}. */
@Tag("campaign")
class FailoverFaultsE2E {
    private static final long CUT_OFF = 14;
    private static final long HANGS = 13;
    private static final long FALSE_WORD = 5;

    @Test
    void aGuestOutlivesAHostThatIsCutOff() {
        FailoverChaosE2E.runEach(LongStream.of(CUT_OFF));
    }

    /** {@link PowerFencingE2E} has a host that loses its power and one that lies. */
    @Test
    @Tag("campaign")
    void aGuestOutlivesAHostThatHangsAndAFalseWord() {
        FailoverChaosE2E.runEach(LongStream.of(HANGS, FALSE_WORD));
    }
}
