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
class FalseWordsUnderFaultsTest {
    /**
     * With separate folders, hardly anything starts elsewhere. Seeds 0 and 900040 fail if a guest that was given away has its
     * grace period. In 8000675, a guest that was falsely said to be dead seals more after the start elsewhere has read the
     * home, and the host dies in truth: it fails if that start goes on with its copy. In 8004845, the API server's data is
     * restored, so that nobody asks for the end of the guest, and its agent was restarted.
     */
    static Stream<Arguments> schedules() {
        return Stream.concat(
                MigrationsUnderFaultsTest.schedules().filter(schedule -> schedule.get()[0] == Folders.SHARED),
                Stream.of(
                        Arguments.of(Folders.SHARED, 900040L),
                        Arguments.of(Folders.SHARED, 8000675L),
                        Arguments.of(Folders.SHARED, 8004845L)));
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void everyLieIsToldAndOneGuestIsLeftOnceTheHostIsHeard(Folders folders, long seed) {
        MigrationsUnderFaultsTest.play(folders, seed, Event.WITH_LIES);
    }
}
