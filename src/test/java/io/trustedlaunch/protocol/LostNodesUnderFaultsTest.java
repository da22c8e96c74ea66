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
    /**
     * With a shared folder, seed 0 fails if an incarnation runs in another boot than it was made for, seed 7 if a start waits
     * for the answer of a dead node although the data is current, and the last one if a deleted ClusterNode is taken for a
     * dead host. The one with separate folders fails if a start after a restore does not wait for a dead node.
     */
    static Stream<Arguments> schedules() {
        return Stream.concat(
                MigrationsUnderFaultsTest.schedules(),
                Stream.of(Arguments.of(Folders.SEPARATE, 20L), Arguments.of(Folders.SHARED, 900075L)));
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void oneGuestAtMostRunsAndLosesNothingAndAllEndsWell(Folders folders, long seed) {
        MigrationsUnderFaultsTest.play(folders, seed, Event.ALL);
    }
}
