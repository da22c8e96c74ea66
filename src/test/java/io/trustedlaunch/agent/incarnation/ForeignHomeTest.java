package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.plan.FactsFixture;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody who can write to the storage puts files into a VM's home, or takes them away. */
class ForeignHomeTest {
    private static final byte[] RUBBISH = {1};

    @TempDir
    private Path root;

    private World world;
    private VMIncarnation incarnation;

    @BeforeEach
    void startTheFirstIncarnation() throws IOException {
        world = new World(root);
        incarnation = world.incarnation(1, DesiredState.Running);
        world.pass(incarnation);
    }

    @Test
    void aHomeThatIsTurnedBackWhileTheGuestRunsHasTheNewestAgainAtItsEnd() throws IOException {
        world.guestStores("one");
        world.copyChanged();
        world.guestStores("two");
        world.copyChanged();
        Files.delete(world.homeFile("1-3"));
        Files.delete(world.homeFile("1-2"));
        stop(incarnation);

        assertThat(status(incarnation).guestState().complete()).isTrue();
        assertThat(status(incarnation).guestState().version()).isEqualTo(FactsFixture.version("1-4"));
        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-4", null);
        start(next);
        assertThat(runs()).isTrue();
        assertThat(world.stored()).isEqualTo("two");
    }

    /** The same content as the home has under an older number. */
    @Test
    void soItHasWhereTheGuestHasGoneBackToWhatItHad() throws IOException {
        String before = Files.readString(copy().tpmState());
        world.guestStores("one");
        world.copyChanged();
        world.hypervisor.putTpm(IncarnationFixture.VM, before);
        world.copyChanged();
        Files.delete(world.homeFile("1-3"));
        Files.delete(world.homeFile("1-2"));
        stop(incarnation);

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-4", null);
        start(next);
        assertThat(runs()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1-5", "1-4", "1-1"})
    void everyOlderGenerationIsRefusedUnlessItIsApproved(String newestLeft) throws IOException {
        for (int store = 2; store <= 6; store++) {
            world.guestStores("1-" + store);
            world.copyChanged();
        }
        stop(incarnation);
        for (String version : List.of("1-6", "1-5", "1-4")) {
            if (FactsFixture.version(version).compareTo(FactsFixture.version(newestLeft)) > 0) {
                Files.delete(world.homeFile(version));
            }
        }

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-6", null);
        start(next);
        assertThat(status(next).reason()).isEqualTo(Reason.GuestStateRolledBack.name());
        assertThat(world.domain()).isEmpty();

        start(world.incarnation(3, DesiredState.Running, "1-6", newestLeft));
        assertThat(runs()).isTrue();
        assertThat(world.stored()).isEqualTo(newestLeft.equals("1-1") ? "" : newestLeft);
    }

    @Test
    void aStateThatTheStorageDoesNotGiveIsNoDamageAndHeals() throws IOException {
        stop(incarnation);
        byte[] whole = Files.readAllBytes(world.homeFile("1-1"));
        Files.delete(world.homeFile("1-1"));
        Files.createDirectory(world.homeFile("1-1"));

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-1", null);
        start(next);
        assertThat(status(next).reason()).isEqualTo(Reason.GuestStateUnreadable.name());
        assertThat(status(next).message()).contains("1-1", "storage location");
        assertThat(world.domain()).isEmpty();

        Files.delete(world.homeFile("1-1"));
        Files.write(world.homeFile("1-1"), whole);
        world.later(Duration.ofMinutes(3));
        start(next);
        assertThat(runs()).isTrue();
    }

    @Test
    void aFileOfALaterEpochThatIsNotTheVmsIsNamedAndTheVmStartsOnceItIsMovedAway() throws IOException {
        stop(incarnation);
        Files.write(world.homeFile("9-1"), RUBBISH);

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-1", null);
        start(next);
        assertThat(status(next).reason()).isEqualTo(Reason.GuestStateOfLaterEpoch.name());
        assertThat(status(next).message())
                .contains(world.folder().path().toString(), "guest-state-9-1.p7m", "move it out of the folder");
        assertThat(world.domain()).isEmpty();

        Files.delete(world.homeFile("9-1"));
        world.later(Duration.ofMinutes(3));
        start(next);
        assertThat(runs()).isTrue();
    }

    @Test
    void aStateOfALaterEpochThatIsTheVmsOwnIsNotGoneBehind() throws IOException {
        stop(incarnation);
        world.putHome("9-1", FakeTpms.ek(1), FakeTpms.state(FakeTpms.ek(1), "later"));

        VMIncarnation next = world.incarnation(2, DesiredState.Running, "1-1", null);
        start(next);

        assertThat(status(next).reason()).isEqualTo(Reason.GuestStateOfLaterEpoch.name());
        assertThat(status(next).message()).contains("guest-state-9-1.p7m", "start it again");
        assertThat(world.domain()).isEmpty();
    }

    @Test
    void rubbishInTheNamesThatTheRunningIncarnationWantsNextDoesNotKeepItsStateFromHome() throws IOException {
        for (int generation = 2; generation < 30; generation++) {
            Files.write(world.homeFile("1-" + generation), RUBBISH);
        }
        world.guestStores("one");
        assertThat(world.copyChanged()).isEmpty();
        stop(incarnation);

        assertThat(status(incarnation).guestState().version()).isEqualTo(FactsFixture.version("1-30"));
        start(world.incarnation(2, DesiredState.Running, "1-30", null));
        assertThat(world.stored()).isEqualTo("one");
    }

    @Test
    void rubbishUnderTheHighestNumberLosesNothingAndIsNamed() throws IOException {
        Files.write(world.homeFile("1-" + Long.MAX_VALUE), RUBBISH);
        world.guestStores("one");
        stop(incarnation);

        assertThat(status(incarnation).phase()).isEqualTo(Phase.Stopping);
        assertThat(status(incarnation).reason()).isEqualTo(Reason.GuestStateNotSealed.name());
        assertThat(status(incarnation).message()).contains("guest-state-1-" + Long.MAX_VALUE + ".p7m", "move it out");
        assertThat(copy().state()).isEqualTo(WorkingCopy.State.PRESENT);

        Files.delete(world.homeFile("1-" + Long.MAX_VALUE));
        world.pass(incarnation);
        assertThat(status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(status(incarnation).guestState().complete()).isTrue();
        assertThat(world.home()).containsExactly("guest-state-1-1.p7m", "guest-state-1-2.p7m");
    }

    private void start(VMIncarnation incarnation) {
        world.server.ownEpoch(incarnation.getSpec().epoch());
        world.pass(incarnation);
    }

    private void stop(VMIncarnation incarnation) {
        world.server.changeSpec(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(incarnation);
    }

    private boolean runs() {
        return world.hypervisor.find(IncarnationFixture.VM).orElseThrow().state() instanceof DomainState.Running;
    }

    private VMIncarnationStatus status(VMIncarnation incarnation) {
        return world.server.read(incarnation).getStatus();
    }

    private WorkingCopy copy() {
        return world.hypervisor.workingCopy(IncarnationFixture.VM);
    }
}
