package io.trustedlaunch.protocol;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The schedules of {@link MigrationsUnderFaultsTest}, in which nodes are also proved dead, unregistered or set back to an
 * earlier disk, statuses are lost, objects are restored through the API, and a second agent starts on a host.
 */
class LostNodesUnderFaultsTest {
    static Stream<Arguments> schedules() {
        return MigrationsUnderFaultsTest.schedules();
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void oneGuestAtMostRunsAndLosesNothingAndAllEndsWell(Folders folders, long seed) {
        MigrationsUnderFaultsTest.play(folders, seed, Event.ALL);
    }
}
