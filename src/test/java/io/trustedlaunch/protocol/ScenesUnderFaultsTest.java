package io.trustedlaunch.protocol;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.EnumSet;
import java.util.stream.LongStream;
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

    /**
     * These fail until an incarnation relies on each fence by which an earlier one is over (107, 110, 114, 119, 136, 146), the
     * floor of a VM never falls (100), nothing is erased of a VM before it was read (112), a proof from restored data does
     * not count against a node that has answered (118), and a node that is proved dead does not hold up a first start
     * elsewhere (101).
     */
    static LongStream seedsThatFailUntilTheMend() {
        return LongStream.of(100, 101, 107, 110, 112, 114, 118, 119, 136, 146);
    }

    @ParameterizedTest
    @MethodSource("seedsThatFailUntilTheMend")
    void allEndsWellAfterSeveralRareSteps(long seed) {
        MigrationsUnderFaultsTest.play(Folders.SHARED, seed, Event.SCENES);
    }

    /** Each of them fails until the mends as well. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.MATCH_ANY,
            names = {".*HELD_BACK", "STATES_ARE_REMOVED_.*", "DATA_.*", "CLEARED_.*"})
    void allEndsWellAfterTheStepsOfASceneAlone(Event scene) {
        MigrationsUnderFaultsTest.play(Folders.SHARED, 0, EnumSet.of(scene), 1);
    }
}
