package io.trustedlaunch.protocol;

import io.trustedlaunch.protocol.ClusterUnderTest.Folders;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The schedules of {@link MigrationsUnderFaultsTest}, in which nodes are also proved dead, or unregistered for a moment. */
class LostNodesUnderFaultsTest {
    private static final Set<Event> EVENTS = events();

    private static Set<Event> events() {
        Set<Event> events = EnumSet.copyOf(Event.ORDINARY);
        events.remove(Event.BACKUP_IS_RESTORED);
        events.addAll(Set.of(Event.NODE_IS_UNREGISTERED, Event.NODE_IS_FENCED, Event.FENCE_IS_WITHDRAWN));
        return events;
    }

    static Stream<Arguments> schedules() {
        return MigrationsUnderFaultsTest.schedules();
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void oneGuestAtMostRunsAndLosesNothingAndAllEndsWell(Folders folders, long seed) {
        MigrationsUnderFaultsTest.play(folders, seed, EVENTS);
    }
}
