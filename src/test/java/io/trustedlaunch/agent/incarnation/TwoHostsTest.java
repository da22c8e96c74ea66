package io.trustedlaunch.agent.incarnation;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Call;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.FactsFixture;
import io.trustedlaunch.agent.migration.Migrations;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.FailpointFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Two agents and a guest between them, with an operator that is played: never two guests run, and never none for good. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoHostsTest {
    private static final String OTHER = "host-b";
    private static final int ROUNDS = 30;
    private static final int ENOUGH = 3;
    private static final String WRITTEN = "what the guest wrote to its disk";

    static final Set<Failpoint> OF_COPIES = EnumSet.of(
            Failpoint.SOURCE_HANDED_OVER,
            Failpoint.SOURCE_FOLDER_CLEARED,
            Failpoint.TARGET_DISKS_MADE,
            Failpoint.TARGET_COPIES_REMOVED);

    private final Set<Failpoint> reached = EnumSet.noneOf(Failpoint.class);
    World source;
    World target;
    VMIncarnation stays;
    VMIncarnation comes;

    /** What becomes of a move. */
    private enum Story {
        GOES_WELL,
        IS_NOT_SEEN_TO_END,
        THE_WORD_IS_LOST,
        THERE_IS_NO_WAY,
        IS_TAKEN_BACK,
        LEAVES_THE_GUEST_STANDING;

        boolean moves() {
            return this == GOES_WELL || this == IS_NOT_SEEN_TO_END || this == THE_WORD_IS_LOST;
        }
    }

    @BeforeEach
    void letAGuestRun(@TempDir Path root) throws IOException {
        source = new World(Files.createDirectory(root.resolve("a")));
        target = other(source, Files.createDirectory(root.resolve("b")), OTHER);
        stays = source.incarnation(1, DesiredState.Running);
        source.passUntilItRuns(stays);
        assertThat(status(stays).phase()).isEqualTo(Phase.Running);
        Files.writeString(source.folder().osDisk(), WRITTEN);
        source.guestStores("something that was not sealed yet");
        source.hypervisor.putVariables(IncarnationFixture.VM, "changed");
    }

    World other(World first, Path root, String node) throws IOException {
        return World.beside(first, root, node);
    }

    /** Whether a move passes it. */
    boolean isPassed(Failpoint point) {
        return !OF_COPIES.contains(point);
    }

    /** Disks and home go with the guest, where they are not shared. */
    boolean copiesDisks() {
        return false;
    }

    @Test
    void aGuestMovesWithItsTpmAndItsVariables() throws IOException {
        play(Story.GOES_WELL);

        assertMoved();
        assertThat(source.movement.begun()).isEqualTo(1);
        assertThat(sealed("2-1")).contains("changed");
        assertThat(status(comes).guestState().version()).isEqualTo(FactsFixture.version("2-1"));
        assertThat(status(comes).ekPublic()).isNotNull();
    }

    @Test
    void theVariablesOfAGuestThatHasNotRunHereAreNotTheFirmwaresTemplate() {
        target.arm(Failpoint.TARGET_RESUME_RECORDED);
        beginAndLeave();
        assertThat(Died.of(() -> target.pass(comes))).isTrue();

        target.hypervisor.powerCut();
        target.restartAgent();
        target.passUntilItRuns(comes);
        target.later(Duration.ofMinutes(1));
        target.passUntilItRuns(comes);

        assertThat(status(comes).exit()).isEqualTo(Exit.Crashed);
        assertThat(target.home()).contains("guest-state-2-1.p7m");
        assertThat(target.home().getLast()).startsWith("guest-state-2-");
        for (String file : target.home()) {
            String version = file.substring("guest-state-".length(), file.length() - ".p7m".length());
            if (version.startsWith("2-")) {
                assertThat(sealed(version)).contains("changed");
            }
        }
    }

    @Test
    void nothingIsClaimedSealedOrLetRunBeforeTheWord() {
        comes = target.arrival(2, stays);
        target.passUntilItRuns(comes);
        source.movement.setLinkDown(false);
        source.server.depart(stays, departure(false));
        source.arm(Failpoint.SOURCE_LEFT_RECORDED);
        assertThat(Died.of(() -> source.pass(stays))).isTrue();

        target.passUntilItRuns(comes);

        assertThat(status(comes).phase()).isEqualTo(Phase.Receiving);
        assertThat(state(target)).hasValueSatisfying(there -> assertThat(there).isInstanceOf(DomainState.Paused.class));
        assertThat(target.home()).noneMatch(file -> file.startsWith("guest-state-2-"));
        assertThat(target.copyChanged()).isEmpty();
    }

    @Test
    void aGuestWithAnotherKeyIsNotLetRunAndNothingOfItIsRemoved() {
        beginAndLeave();
        target.hypervisor.putTpm(IncarnationFixture.VM, FakeTpms.state(FakeTpms.ek(7), "of another"));

        target.passUntilItRuns(comes);

        assertThat(status(comes).reason()).isEqualTo("EkMismatch");
        assertThat(state(target)).hasValueSatisfying(there -> assertThat(there).isInstanceOf(DomainState.Paused.class));
        assertThat(target.home()).noneMatch(file -> file.startsWith("guest-state-2-"));
        assertThat(source.hypervisor.workingCopy(IncarnationFixture.VM).state()).isEqualTo(WorkingCopy.State.PRESENT);
    }

    @Test
    void whatIsLostOnTheWayIsSealedWhereItComesFrom() throws IOException {
        beginAndLeave();
        target.hypervisor.powerCut();
        target.restartAgent();

        operatorUntilSettled();

        assertThat(status(comes).exit()).isEqualTo(Exit.Crashed);
        assertThat(status(stays).guestState().complete()).isTrue();
        World keeper = copiesDisks() ? target : source;
        String newest = keeper.home().getLast();
        assertThat(newest).startsWith("guest-state-1-");
        assertThat(new String(
                        keeper.sealedAs(newest.substring("guest-state-".length(), newest.length() - ".p7m".length()))
                                .tpm(),
                        UTF_8))
                .contains("something that was not sealed yet");
    }

    /** Nothing is begun with it. */
    @Test
    void whatLiesWhereAGuestHasLeftIsNotToldHoweverItHasChanged() {
        beginAndLeave();
        source.restartAgent();
        source.guestStores("by nobody knows whom");
        operatorUntilSettled();

        assertThat(status(comes).phase()).isEqualTo(Phase.Running);
        assertThat(status(stays).guestState().complete()).isTrue();
        assertThat(status(stays).guestState().lastWatched()).isNull();
    }

    @Test
    void aGuestThatShutsDownOnItsWayHasEndedThere() {
        comes = target.arrival(2, stays);
        target.passUntilItRuns(comes);
        source.movement.beSlow();
        source.server.depart(stays, departure(false));
        source.pass(stays);
        source.hypervisor.powerOff(IncarnationFixture.VM);

        source.later(Duration.ofSeconds(10));
        source.passUntilItRuns(stays);

        assertThat(status(stays).departure().course()).isEqualTo(Course.Stayed);
        assertThat(status(stays).exit()).isEqualTo(Exit.Shutdown);
        assertThat(source.hypervisor.workingCopy(IncarnationFixture.VM).state()).isEqualTo(WorkingCopy.State.ABSENT);
    }

    @Test
    void aMoveThatNobodyWatchesOverIsSeveredBeforeItIsGivenUp() {
        leaveAMoveUnwatched();

        source.passUntilItRuns(stays);

        assertThat(source.hypervisor.calls())
                .containsSubsequence(
                        new Call(Operation.SEVER_MIGRATION, IncarnationFixture.VM),
                        new Call(Operation.ABORT_MIGRATION, IncarnationFixture.VM));
    }

    @Test
    void aMoveThatNobodyWatchesOverIsGivenUpWithoutHarmToOneThatWasBegunSince() {
        leaveAMoveUnwatched();
        source.movement.beUnderwayTo(departure(false).address());

        source.passUntilItRuns(stays);

        assertThat(source.hypervisor.calls())
                .contains(new Call(Operation.ABORT_MIGRATION, IncarnationFixture.VM))
                .doesNotContain(new Call(Operation.SEVER_MIGRATION, IncarnationFixture.VM));
    }

    private void leaveAMoveUnwatched() {
        comes = target.arrival(2, stays);
        target.passUntilItRuns(comes);
        source.movement.beSlow();
        source.server.depart(stays, departure(false));
        source.pass(stays);
        source.hypervisor.beginMigration(IncarnationFixture.VM, new MigrationProgress(1, 1, 2));
        source.restartAgent();
    }

    @Test
    void aMoveThatIsTakenBackIsGivenUpWithoutAnyHarm() {
        comes = target.arrival(2, stays);
        target.passUntilItRuns(comes);
        source.movement.beSlow();
        source.server.depart(stays, departure(false));
        source.pass(stays);
        source.server.depart(stays, departure(true));

        source.pass(stays);

        assertThat(source.hypervisor.calls())
                .contains(new Call(Operation.ABORT_MIGRATION, IncarnationFixture.VM))
                .doesNotContain(new Call(Operation.SEVER_MIGRATION, IncarnationFixture.VM));
    }

    @Test
    void oneTryForAnEpochHoweverOftenItIsAsked() {
        source.movement.setLinkDown(true);
        comes = target.arrival(2, stays);
        target.passUntilItRuns(comes);
        source.server.depart(stays, departure(false));
        for (int i = 0; i < 3; i++) {
            source.passUntilItRuns(stays);
            source.restartAgent();
        }

        assertThat(source.movement.begun()).isEqualTo(copiesDisks() ? 0 : 1);
        assertThat(status(stays).departure().course()).isEqualTo(Course.Stayed);
    }

    @Test
    void theWayOfAMoveIsCutThatTheHypervisorDoesNotGiveUp() {
        comes = target.arrival(2, stays);
        target.passUntilItRuns(comes);
        source.movement.beSlow();
        source.server.depart(stays, departure(false));
        source.pass(stays);
        source.server.depart(stays, departure(true));
        source.pass(stays);
        source.pass(stays);
        assertThat(source.movement.course(IncarnationFixture.VM, 2)).isEqualTo(new Migrations.Course.Underway());

        source.later(Duration.ofSeconds(31));
        source.pass(stays);
        source.pass(stays);

        assertThat(status(stays).departure().course()).isEqualTo(Course.Stayed);
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
        dies.arm(point);

        play(story);

        if (!dies.isArmed(point)) {
            reached.add(point);
        }
        boolean moved =
                status(stays).departure() != null && status(stays).departure().course() == Course.Left;
        if (moved) {
            assertMoved();
        } else {
            assertStayed();
        }
        boolean diedBeforeItBegan = !dies.isArmed(point)
                && (point == Failpoint.SOURCE_DEPARTURE_RECORDED || point == Failpoint.SOURCE_HOME_GIVEN);
        assertThat(moved).isEqualTo(story.moves() && !diedBeforeItBegan);
    }

    @AfterAll
    void everyPointWasReachedInSomeStory() {
        if (!reached.isEmpty()) {
            assertThat(reached)
                    .containsExactlyInAnyOrderElementsOf(
                            points().stream().filter(this::isPassed).toList());
        }
    }

    private void play(Story story) throws IOException {
        comes = target.arrival(2, stays);
        pass(target, comes);
        switch (story) {
            case GOES_WELL -> {}
            case IS_NOT_SEEN_TO_END -> source.movement.beUnseen();
            case THE_WORD_IS_LOST -> source.movement.loseWords();
            case THERE_IS_NO_WAY -> source.movement.setLinkDown(true);
            case IS_TAKEN_BACK, LEAVES_THE_GUEST_STANDING -> source.movement.beSlow();
        }
        source.server.depart(stays, departure(false));
        pass(source, stays);
        if (story == Story.IS_TAKEN_BACK) {
            source.server.depart(stays, departure(true));
            pass(source, stays);
            source.movement.fail("it was aborted");
        }
        if (story == Story.LEAVES_THE_GUEST_STANDING) {
            source.hypervisor.pause(IncarnationFixture.VM, DomainState.PauseReason.MIGRATION);
            source.movement.fail("libvirtd was killed");
        }
        operatorUntilSettled();
    }

    /** Up to the moment at which the guest has left, and the other agent was told. */
    void beginAndLeave() {
        comes = target.arrival(2, stays);
        target.passUntilItRuns(comes);
        source.server.depart(stays, departure(false));
        source.passUntilItRuns(stays);
        assertThat(status(stays).departure().course()).isEqualTo(Course.Left);
    }

    /** Does what the operator does, and lets time pass. */
    void operatorUntilSettled() {
        int quiet = 0;
        for (int round = 0; round < ROUNDS && quiet < ENOUGH; round++) {
            pass(source, stays);
            pass(target, comes);
            Optional<Course> course =
                    Optional.ofNullable(status(stays).departure()).map(VMIncarnationStatus.Departure::course);
            if (course.filter(Course.Left::equals).isPresent()) {
                source.server.left(comes);
                source.server.changeSpec(stays, DesiredState.Stopped);
            }
            if (course.filter(Course.Stayed::equals).isPresent()) {
                source.server.changeSpec(comes, DesiredState.Stopped);
            }
            source.later(Duration.ofSeconds(31));
            target.later(Duration.ofSeconds(31));
            if (round == ROUNDS / 2) {
                source.movement.findWords();
            }
            quiet = isSettled() ? quiet + 1 : 0;
        }
    }

    private boolean isSettled() {
        VMIncarnationStatus there = status(comes);
        boolean moved = there.phase() == Phase.Running
                && status(stays).guestState() != null
                && status(stays).guestState().complete();
        return moved || there.phase() == Phase.Stopped;
    }

    void pass(World world, VMIncarnation incarnation) {
        world.passUntilItRuns(incarnation);
        assertThat(running()).isLessThanOrEqualTo(1);
    }

    void assertMoved() throws IOException {
        assertThat(running()).isEqualTo(1);
        assertThat(state(target)).contains(new DomainState.Running());
        assertThat(target.hypervisor.find(IncarnationFixture.VM).orElseThrow().epoch())
                .isEqualTo(2);
        assertThat(status(comes).phase()).isEqualTo(Phase.Running);
        assertThat(status(comes).ekDigest()).isEqualTo(FakeTpms.ek(1));
        assertThat(target.stored()).isEqualTo("something that was not sealed yet");
        assertThat(new String(target.sealedAs("2-1").tpm(), UTF_8)).contains("something that was not sealed yet");
        assertThat(Files.readString(
                        target.hypervisor.workingCopy(IncarnationFixture.VM).variables(), ISO_8859_1))
                .contains("changed");
        assertThat(status(stays).phase()).isEqualTo(Phase.Stopped);
        assertThat(status(stays).exit()).isEqualTo(Exit.Migrated);
        assertThat(status(stays).guestState().complete()).isTrue();
        assertThat(status(stays).guestState().lastWatched())
                .as("what is left of a guest that goes on elsewhere")
                .isNull();
        assertThat(source.hypervisor.workingCopy(IncarnationFixture.VM).state()).isEqualTo(WorkingCopy.State.ABSENT);
        assertThat(source.tpms.made() + target.tpms.made()).isEqualTo(1);
        assertThat(target.folder().osDisk()).hasContent(WRITTEN);
        assertThat(Files.exists(source.folder().path())).isEqualTo(!copiesDisks());
    }

    void assertStayed() {
        assertThat(state(source)).contains(new DomainState.Running());
        assertThat(source.hypervisor.find(IncarnationFixture.VM).orElseThrow().epoch())
                .isEqualTo(1);
        assertThat(status(stays).phase()).isEqualTo(Phase.Running);
        assertThat(status(stays).departure().course()).isEqualTo(Course.Stayed);
        assertThat(source.stored()).isEqualTo("something that was not sealed yet");
        assertThat(state(target)).isEmpty();
        assertThat(status(comes).phase()).isEqualTo(Phase.Stopped);
        assertThat(status(comes).exit()).isEqualTo(Exit.NeverRan);
        assertThat(target.hypervisor.workingCopy(IncarnationFixture.VM).state()).isEqualTo(WorkingCopy.State.ABSENT);
        assertThat(source.hypervisor.calls()).noneMatch(call -> call.operation() == Operation.DESTROY);
        assertThat(source.folder().osDisk()).hasContent(WRITTEN);
        assertThat(Files.exists(target.folder().path())).isEqualTo(!copiesDisks());
    }

    private long running() {
        return Stream.of(source, target)
                .flatMap(world -> state(world).stream())
                .filter(DomainState.Running.class::isInstance)
                .count();
    }

    private static Optional<DomainState> state(World world) {
        return world.hypervisor.find(IncarnationFixture.VM).map(io.trustedlaunch.agent.hypervisor.DomainInfo::state);
    }

    VMIncarnationStatus status(VMIncarnation incarnation) {
        return source.server.read(incarnation).getStatus();
    }

    private String sealed(String version) {
        try {
            return new String(target.sealedAs(version).variables(), ISO_8859_1);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private Departure departure(boolean cancelled) {
        return VMIncarnationSpecDepartureBuilder.builder()
                .epoch(2L)
                .nodeName(OTHER)
                .address("192.0.2.2")
                .port(16515)
                .cancelled(cancelled)
                .copiesDisks(copiesDisks())
                .build();
    }

    private static final class Died {
        static boolean of(Runnable act) {
            try {
                act.run();
                return false;
            } catch (FailpointFolder.Died e) {
                return true;
            }
        }
    }
}
