package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.incarnation.record.DepartureRecordBuilder;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest ended while no agent watched, with another state than was sealed last: this is reported until it is settled. */
class UnwatchedEndTest extends OneHost {
    private static final GuestStateVersion WATCHED = version("1-2");

    @BeforeEach
    void aGuestWhoseStateIsAtHome() throws IOException {
        world.pass(incarnation);
        world.guestStores("watched");
        world.copyChanged();
    }

    @Test
    void anUnwatchedChangeIsReportedAndSealedAndTheVmStarts() throws IOException {
        endUnwatched("changed");
        end();

        assertThat(lastWatched(incarnation)).contains(WATCHED);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.GuestStateChangedUnwatched);
        assertThat(world.status(incarnation).message()).contains("1-2", "while no agent watched");
        assertThat(world.status(incarnation).guestState().version()).isEqualTo(version("1-3"));
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
        assertStartsWith("changed", world.start(2, "1-1"));
    }

    @Test
    void anUnwatchedEndWithoutAChangeIsNotReported() {
        endUnwatched("watched");
        end();

        assertThat(lastWatched(incarnation)).isEmpty();
        assertThat(world.reason(incarnation)).isEqualTo(Reason.Stopped);
        assertThat(world.home.versions()).containsExactly("1-1", "1-2");
    }

    /** The disk was set back, so that its record does not have the later one, which never ran here. */
    @Test
    void theEndInAMigrationIsRecordedAlthoughTheAgentLooksAtALaterIncarnationInBetween() {
        VMIncarnation later = world.server.desire(world.incarnation(2), DesiredState.Stopped);
        world.server.write(
                later,
                VMIncarnationStatusBuilder.builder()
                        .observedGeneration(1L)
                        .phase(Phase.Stopped)
                        .exit(Exit.NeverRan)
                        .build());
        world.server.desire(incarnation, DesiredState.Stopped);
        endUnwatched("watched");
        world.records()
                .update(
                        VM,
                        record -> record.withDeparture(
                                1,
                                DepartureRecordBuilder.builder()
                                        .epoch(3)
                                        .nodeName("host-b")
                                        .course(Course.Underway)
                                        .build()));
        for (int i = 0; i < 3; i++) {
            world.pass(incarnation);
            world.pass(later);
            world.later(Duration.ofSeconds(2));
        }

        assertThat(world.status(incarnation).exit()).isEqualTo(Exit.Crashed);
    }

    /** The restarted agent has seen it once, though it has sealed nothing while the guest ran. */
    @Test
    void aGuestThatStillRunsWhenTheAgentRestartsIsWatchedAgain() {
        world.restartAgent();
        world.server.desire(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        world.guestStores("at the last moment");
        world.hypervisor.powerOff(VM);
        world.pass(incarnation);

        assertThat(lastWatched(incarnation)).isEmpty();
        assertThat(world.status(incarnation).guestState().version()).isEqualTo(version("1-3"));
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
    }

    @Test
    void aWatchedEndIsNotReportedAsUnwatchedIfItsStateIsSealedLate() {
        world.guestStores("at the last moment");
        world.failHome("No space left on device");
        world.stop(incarnation);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.NoSpace);

        world.healHome();
        world.pass(incarnation);
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
        assertThat(lastWatched(incarnation)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Failpoint.class,
            names = {
                "AGENT_SEALED_FILE_WRITTEN",
                "AGENT_SEALED_FILE_NAMED",
                "AGENT_GUEST_STATE_SEALED",
                "AGENT_LAST_STATE_SEALED",
                "AGENT_COPY_ERASED",
                "AGENT_DOMAIN_GONE",
                "AGENT_STOP_REPORTED"
            })
    void anUnwatchedChangeIsReportedWhereverTheAgentDies(Failpoint point) {
        endUnwatched("changed");
        world.failpoints.arm(point);
        world.passWithRestarts(incarnation);
        world.later(Duration.ofSeconds(2));
        world.passWithRestarts(incarnation);
        world.later(Duration.ofSeconds(2));
        world.passWithRestarts(incarnation);

        assertThat(world.failpoints.isArmed(point)).isFalse();
        assertThat(lastWatched(incarnation)).contains(WATCHED);
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
    }

    @Test
    void anUnwatchedChangeIsReportedBeforeItIsSealed() {
        endUnwatched("changed");
        dieAt(Failpoint.AGENT_SEALED_FILE_WRITTEN);

        assertThat(world.home.versions()).doesNotContain("1-3");
        assertThat(lastWatched(incarnation)).contains(WATCHED);
    }

    @Test
    void aSecondUnwatchedChangeIsReportedToo() {
        endUnwatched("changed");
        dieAt(Failpoint.AGENT_SEALED_FILE_NAMED);
        world.guestStores("changed again");
        world.restartAgent();
        end();

        assertThat(world.home.versions()).contains("1-3", "1-4");
        assertThat(lastWatched(incarnation)).contains(WATCHED);
    }

    /** Anyone who restores a damaged state can restore any state. */
    @Test
    void aStateThatWasRestoredIsReportedByTheIncarnationThatFindsItUntilItsEnd() throws IOException {
        world.guestStores("changed");
        byte[] whole = Files.readAllBytes(world.copy().tpmState());
        Files.write(world.copy().tpmState(), new byte[] {1});
        world.stop(incarnation);
        assertThat(world.status(incarnation).guestState().complete()).isFalse();
        assertThat(lastWatched(incarnation)).isEmpty();

        Files.write(world.copy().tpmState(), whole);
        VMIncarnation next = world.start(2, "1-1");
        assertThat(world.stored()).isEqualTo("changed");
        assertThat(lastWatched(next)).contains(WATCHED);
        assertThat(world.reason(next)).isEqualTo(Reason.Running);

        world.guestStores("later");
        world.stop(next);
        assertThat(lastWatched(next)).contains(WATCHED);
        assertThat(world.reason(next)).isEqualTo(Reason.Stopped);
    }

    /** The newest state is whole: an approval does not ask why an older one is wanted. */
    @Test
    void theLastWatchedStateCanBeApprovedHoweverMuchWasSealedSince() throws IOException {
        endUnwatched("changed");
        end();
        VMIncarnation next = world.start(2, "1-3");
        for (int time = 1; time <= 5; time++) {
            world.guestStores("built on it " + time);
            world.copyChanged();
        }
        world.stop(next);

        assertStartsWith("watched", world.start(3, "1-1", "1-2"));
        assertThat(world.home.versions()).contains("1-2", "1-3.rejected", "2-6.rejected");
    }

    private void endUnwatched(String stored) {
        world.guestStores(stored);
        world.hypervisor.powerCut();
        world.restartAgent();
    }

    private void dieAt(Failpoint point) {
        world.pass(incarnation);
        world.later(Duration.ofSeconds(2));
        world.dieAt(point, incarnation);
    }

    private void end() {
        world.pass(incarnation);
        world.later(Duration.ofSeconds(2));
        world.pass(incarnation);
    }

    private void assertStartsWith(String stored, VMIncarnation next) {
        world.assertRuns();
        assertThat(lastWatched(next)).isEmpty();
        assertThat(world.stored()).isEqualTo(stored);
    }

    private Optional<GuestStateVersion> lastWatched(VMIncarnation of) {
        return Optional.ofNullable(world.status(of).guestState().lastWatched());
    }
}
