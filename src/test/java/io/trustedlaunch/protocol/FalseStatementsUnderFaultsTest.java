package io.trustedlaunch.protocol;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The schedules of {@link MigrationsUnderFaultsTest}, in which hosts also freeze, or reach neither API server nor storage, and
 * are said to be dead although they are not; once all is well, one more time. No lock on a disk keeps a second guest from
 * running here.
 */
class FalseStatementsUnderFaultsTest {
    /** With separate folders, hardly anything starts elsewhere. */
    static Stream<Arguments> schedules() {
        return MigrationsUnderFaultsTest.schedules().filter(schedule -> schedule.get()[0] == Folders.SHARED);
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void everyLieIsToldAndOneGuestIsLeftOnceTheHostIsHeard(Folders folders, long seed) {
        MigrationsUnderFaultsTest.play(folders, seed, Event.WITH_LIES);
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void aLieIsNotBelievedSoonerWhereBeaconsAreMissedAndClocksAreWrong(Folders folders, long seed) {
        MigrationsUnderFaultsTest.play(folders, seed, Event.DISTURBED);
    }
}
