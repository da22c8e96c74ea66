package io.trustedlaunch.protocol;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Data disks and network cards are added, removed and brought back, while hosts, agents and operators fail. */
class DataDisksUnderFaultsTest {
    static Stream<Arguments> schedules() {
        return MigrationsUnderFaultsTest.schedules();
    }

    /** A guest that runs has the disks and cards of its machine, and each start finds those that it had. */
    @ParameterizedTest
    @MethodSource("schedules")
    void eachGuestHasTheDisksOnRecordAndAllEndsWell(Folders folders, long seed) {
        MigrationsUnderFaultsTest.play(folders, seed, Event.CHANGED);
    }
}
