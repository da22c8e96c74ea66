package io.trustedlaunch.protocol;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The schedules of {@link FalseStatementsUnderFaultsTest}, in which management controllers lie, too, or VMs are restored in place. */
class PowerAndRestoresUnderFaultsTest {
    static Stream<Arguments> schedules() {
        return MigrationsUnderFaultsTest.schedules();
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void oneGuestIsLeftWhateverManagementControllersDo(Folders folders, long seed) {
        MigrationsUnderFaultsTest.play(folders, seed, Event.POWER_FENCED);
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void nothingIsRestoredUnderAGuest(Folders folders, long seed) {
        MigrationsUnderFaultsTest.play(folders, seed, Event.RESTORED);
    }
}
