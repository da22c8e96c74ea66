package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An agent dies at each failpoint of a migration, however that ends: two guests never run, and one does in the end. */
@ParameterizedClass
@EnumSource(TwoHosts.Folders.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeathInMigrationTest extends TwoHosts {
    private static final Set<Failpoint> ONLY_WITH_COPIES = EnumSet.of(
            Failpoint.SOURCE_HANDED_OVER,
            Failpoint.SOURCE_FOLDER_CLEARED,
            Failpoint.TARGET_DISKS_MADE,
            Failpoint.TARGET_COPY_KEPT,
            Failpoint.TARGET_COPIES_REMOVED);

    private final Set<Failpoint> reached = EnumSet.noneOf(Failpoint.class);

    private enum Story {
        GOES_WELL,
        END_IS_NOT_NOTICED,
        HANDOFF_IS_LOST,
        LINK_IS_DOWN,
        IS_CANCELLED,
        FAILS_WITH_THE_GUEST_PAUSED;

        boolean moves() {
            return this == GOES_WELL || this == END_IS_NOT_NOTICED || this == HANDOFF_IS_LOST;
        }
    }

    static Stream<Arguments> deaths() {
        return Arrays.stream(Story.values())
                .flatMap(story -> points().stream().map(point -> Arguments.of(story, point)));
    }

    private static List<Failpoint> points() {
        return Arrays.stream(Failpoint.values())
                .filter(point -> point.id().startsWith("source.") || point.id().startsWith("target."))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void oneGuestRunsWhereverAnAgentDies(Story story, Failpoint point) throws IOException {
        World dies = point.id().startsWith("source.") ? source : target;
        dies.failpoints.arm(point);

        play(story);

        boolean died = !dies.failpoints.isArmed(point);
        if (died) {
            reached.add(point);
        }
        boolean moved = course().equals(Optional.of(Course.Left));
        if (moved) {
            assertMoved();
        } else {
            assertStayed();
        }
        boolean diedBeforeItBegan =
                died && (point == Failpoint.SOURCE_DEPARTURE_RECORDED || point == Failpoint.SOURCE_HOME_GIVEN);
        assertThat(moved).isEqualTo(story.moves() && !diedBeforeItBegan);
    }

    private void play(Story story) {
        expectTheGuest();
        switch (story) {
            case GOES_WELL -> {}
            case END_IS_NOT_NOTICED -> source.migrations.unnoticed = true;
            case HANDOFF_IS_LOST -> source.migrations.messagesLost = true;
            case LINK_IS_DOWN -> source.migrations.linkDown = true;
            case IS_CANCELLED, FAILS_WITH_THE_GUEST_PAUSED -> source.migrations.hanging = true;
        }
        requestMigration();
        pass(source, departing);
        if (story == Story.IS_CANCELLED) {
            cancelMigration();
            pass(source, departing);
            source.migrations.fail("it was aborted");
        }
        if (story == Story.FAILS_WITH_THE_GUEST_PAUSED) {
            source.hypervisor.pause(VM, DomainState.PauseReason.MIGRATION);
            source.migrations.fail("libvirtd was killed");
        }
        settle();
    }

    @AfterParameterizedClassInvocation
    void everyFailpointWasReachedInSomeStory() {
        if (!reached.isEmpty()) {
            assertThat(reached)
                    .containsExactlyInAnyOrderElementsOf(points().stream()
                            .filter(point -> copiesDisks() || !ONLY_WITH_COPIES.contains(point))
                            .toList());
        }
    }
}
