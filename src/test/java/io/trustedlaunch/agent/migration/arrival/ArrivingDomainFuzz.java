package io.trustedlaunch.agent.migration.arrival;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Run by {@code bin/fuzz}: any text is refused, or names nothing but what the guest has. */
class ArrivingDomainFuzz {
    @FuzzTest
    void anyDomain(byte[] bytes) throws Exception {
        ArrivalChecks.domain(bytes);
    }

    @FuzzTest
    void aChangedDomain(byte[] bytes) throws Exception {
        ArrivalChecks.domain(Recordings.changed(Recordings.domain("windows-11"), bytes));
    }

    @FuzzTest
    void anyCookie(byte[] bytes) {
        ArrivalChecks.cookie(bytes);
    }

    @FuzzTest
    void aChangedCookie(byte[] bytes) {
        ArrivalChecks.cookie(Recordings.changed(ArrivalChecks.cookieWithDisks(), bytes));
    }
}
