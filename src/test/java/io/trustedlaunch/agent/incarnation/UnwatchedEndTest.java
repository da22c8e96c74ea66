package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.incarnation.plan.FactsFixture;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.FailpointFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest that ended while no agent watched has left another state than was sealed last: that is told, until it is settled. */
class UnwatchedEndTest {
    private static final GuestStateVersion WATCHED = FactsFixture.version("1-2");

    @TempDir
    private Path root;

    private World world;
    private VMIncarnation incarnation;

    @BeforeEach
    void aGuestWhoseStateIsAtHome() throws IOException {
        world = new World(root);
        incarnation = world.incarnation(1, DesiredState.Running);
        world.pass(incarnation);
        world.guestStores("watched");
        world.copyChanged();
    }

    @Test
    void whatChangedIsToldAndGoesHomeAndTheVmStarts() throws IOException {
        endUnwatched("changed");
        endOfTheIncarnation();

        assertThat(lastWatched(incarnation)).contains(WATCHED);
        assertThat(status(incarnation).reason()).isEqualTo(Reason.GuestStateChangedUnwatched.name());
        assertThat(status(incarnation).message()).contains("1-2", "while no agent watched");
        assertThat(status(incarnation).guestState().version()).isEqualTo(FactsFixture.version("1-3"));
        assertThat(status(incarnation).guestState().complete()).isTrue();
        assertThat(runsNext(2, null)).isEqualTo("changed");
    }

    @Test
    void whatDidNotChangeIsNotTold() {
        endUnwatched("watched");
        endOfTheIncarnation();

        assertThat(lastWatched(incarnation)).isEmpty();
        assertThat(status(incarnation).reason()).isEqualTo(Reason.Stopped.name());
        assertThat(world.home()).containsExactly("guest-state-1-1.p7m", "guest-state-1-2.p7m");
    }

    /** It was seen once by the agent that came back, though nothing was sealed while it ran on. */
    @Test
    void aGuestThatRanWhenTheAgentCameBackIsWatchedAgain() {
        world.restartAgent();
        world.server.changeSpec(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        world.guestStores("at the last moment");
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(incarnation);

        assertThat(lastWatched(incarnation)).isEmpty();
        assertThat(status(incarnation).guestState().version()).isEqualTo(FactsFixture.version("1-3"));
        assertThat(status(incarnation).guestState().complete()).isTrue();
    }

    @Test
    void anEndThatWasWatchedIsNotToldThoughItsStateGoesHomeLate() {
        world.guestStores("at the last moment");
        world.failHome(new IOException("No space left on device"));
        world.server.changeSpec(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(incarnation);
        assertThat(status(incarnation).reason()).isEqualTo(Reason.NoSpace.name());

        world.failHome(null);
        world.pass(incarnation);
        assertThat(status(incarnation).guestState().complete()).isTrue();
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
    void itIsToldWhereverTheAgentDies(Failpoint point) {
        endUnwatched("changed");
        world.arm(point);
        world.passUntilItRuns(incarnation);
        world.later(Duration.ofSeconds(2));
        world.passUntilItRuns(incarnation);
        world.later(Duration.ofSeconds(2));
        world.passUntilItRuns(incarnation);

        assertThat(world.isArmed(point)).isFalse();
        assertThat(lastWatched(incarnation)).contains(WATCHED);
        assertThat(status(incarnation).guestState().complete()).isTrue();
    }

    @Test
    void itIsToldBeforeItIsSealed() {
        endUnwatched("changed");
        dieAt(Failpoint.AGENT_SEALED_FILE_WRITTEN);

        assertThat(world.home()).doesNotContain("guest-state-1-3.p7m");
        assertThat(lastWatched(incarnation)).contains(WATCHED);
    }

    @Test
    void whatIsSealedOfItIsNotWatchedThoughItChangesOnceMore() {
        endUnwatched("changed");
        dieAt(Failpoint.AGENT_SEALED_FILE_NAMED);
        world.guestStores("changed again");
        world.restartAgent();
        endOfTheIncarnation();

        assertThat(world.home()).contains("guest-state-1-3.p7m", "guest-state-1-4.p7m");
        assertThat(lastWatched(incarnation)).contains(WATCHED);
    }

    /** Whoever brings a damaged state back may bring any. */
    @Test
    void aStateThatWasBroughtBackIsToldByTheIncarnationThatFindsItForAsLongAsThatLasts() throws IOException {
        world.guestStores("changed");
        byte[] whole = Files.readAllBytes(
                world.hypervisor.workingCopy(IncarnationFixture.VM).tpmState());
        Files.write(world.hypervisor.workingCopy(IncarnationFixture.VM).tpmState(), new byte[] {1});
        world.server.changeSpec(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(incarnation);
        assertThat(status(incarnation).guestState().complete()).isFalse();
        assertThat(lastWatched(incarnation)).isEmpty();

        Files.write(world.hypervisor.workingCopy(IncarnationFixture.VM).tpmState(), whole);
        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-1", null);
        world.server.ownEpoch(2);
        world.pass(next);
        assertThat(world.stored()).isEqualTo("changed");
        assertThat(lastWatched(next)).contains(WATCHED);
        assertThat(status(next).reason()).isEqualTo(Reason.Running.name());

        world.guestStores("later");
        world.server.changeSpec(next, DesiredState.Stopped);
        world.pass(next);
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(next);
        assertThat(lastWatched(next)).contains(WATCHED);
        assertThat(status(next).reason()).isEqualTo(Reason.Stopped.name());
    }

    /** The newest is whole: an approval does not ask why somebody wants an older state. */
    @Test
    void whatWasWatchedIsStartedFromOnceItIsApprovedHoweverMuchTheIncarnationInBetweenSealed() throws IOException {
        endUnwatched("changed");
        endOfTheIncarnation();
        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-3", null);
        world.server.ownEpoch(2);
        world.pass(next);
        for (int time = 1; time <= 5; time++) {
            world.guestStores("built on it " + time);
            world.copyChanged();
        }
        world.server.changeSpec(next, DesiredState.Stopped);
        world.pass(next);
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(next);

        assertThat(runsNext(3, "1-2")).isEqualTo("watched");
        assertThat(world.home())
                .contains("guest-state-1-2.p7m", "guest-state-1-3.p7m.rejected", "guest-state-2-6.p7m.rejected");
    }

    private void endUnwatched(String stored) {
        world.guestStores(stored);
        world.hypervisor.powerCut();
        world.restartAgent();
    }

    private void dieAt(Failpoint point) {
        world.pass(incarnation);
        world.later(Duration.ofSeconds(2));
        world.arm(point);
        assertThatThrownBy(() -> world.pass(incarnation)).isInstanceOf(FailpointFolder.Died.class);
    }

    private void endOfTheIncarnation() {
        world.pass(incarnation);
        world.later(Duration.ofSeconds(2));
        world.pass(incarnation);
    }

    private String runsNext(long epoch, String approved) {
        VMIncarnation next = world.incarnation(epoch, DesiredState.Running, "1-1", approved);
        world.server.ownEpoch(epoch);
        world.later(Duration.ofMinutes(1));
        world.pass(next);
        assertThat(world.hypervisor.find(IncarnationFixture.VM).orElseThrow().state())
                .isInstanceOf(DomainState.Running.class);
        assertThat(lastWatched(next)).isEmpty();
        return world.stored();
    }

    private Optional<GuestStateVersion> lastWatched(VMIncarnation of) {
        return Optional.ofNullable(status(of).guestState().lastWatched());
    }

    private VMIncarnationStatus status(VMIncarnation of) {
        return world.server.read(of).getStatus();
    }
}
