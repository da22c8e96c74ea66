package io.trustedlaunch.protocol;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.EnumSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The schedules of {@link MigrationsUnderFaultsTest}, in which users and administrators do more to VMs, nodes and objects, or
 * in which several rare steps happen one after the other.
 */
class ScenesUnderFaultsTest {
    static Stream<Arguments> schedules() {
        return MigrationsUnderFaultsTest.schedules();
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void allEndsWellWhateverUsersAndAdministratorsDo(Folders folders, long seed) {
        MigrationsUnderFaultsTest.play(folders, seed, Event.ADMINISTERED);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_ANY,
            names = {".*HELD_BACK", "STATES_ARE_REMOVED_.*", "DATA_.*", "CLEARED_.*"})
    void allEndsWellAfterTheStepsOfASceneAlone(Event scene) {
        MigrationsUnderFaultsTest.play(Folders.SHARED, 0, EnumSet.of(scene), 1);
    }
}
