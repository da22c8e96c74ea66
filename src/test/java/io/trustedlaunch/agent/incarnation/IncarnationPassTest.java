package io.trustedlaunch.agent.incarnation;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.HostFactsBuilder;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Interface;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IncarnationPassTest {
    @TempDir
    private Path root;

    private World world;
    private VMIncarnation incarnation;

    @BeforeEach
    void makeWorld() throws IOException {
        world = new World(root);
        incarnation = world.incarnation(1, DesiredState.Running);
    }

    @Test
    void aStartIsTwoWritesOfStatus() {
        world.pass(incarnation);

        assertThat(phases()).containsExactly(Phase.Prepared, Phase.Running);
        assertThat(status().ekDigest()).isEqualTo(FakeTpms.ek(1));
        assertThat(status().ekPublic()).isEqualTo("public-area-of-" + FakeTpms.ek(1));
        assertThat(state()).isInstanceOf(DomainState.Running.class);
    }

    @Test
    void addressesAreAThirdWriteAndThenNoMore() throws IOException {
        world.pass(incarnation);
        world.hypervisor.setAddresses(
                IncarnationFixture.VM, "52:54:00:12:34:56", InetAddress.getByAddress(new byte[] {10, 0, 42, 17}));

        world.pass(incarnation);
        world.pass(incarnation);

        assertThat(phases()).containsExactly(Phase.Prepared, Phase.Running, Phase.Running);
        assertThat(status().networkInterfaces())
                .containsExactly(new Interface("nic0", "52:54:00:12:34:56", List.of("10.0.42.17")));
    }

    @Test
    void aStopIsOneWriteAndLeavesDisksAndNeitherStateNorUserData() {
        world.pass(incarnation);
        assertThat(world.seed()).exists();
        world.server.changeSpec(incarnation, DesiredState.Stopped);

        world.pass(incarnation);
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(incarnation);

        assertThat(phases()).containsExactly(Phase.Prepared, Phase.Running, Phase.Stopped);
        assertThat(status().exit()).isEqualTo(Exit.Shutdown);
        assertThat(world.seed()).doesNotExist();
        assertThat(world.folder().osDisk()).exists();
        assertThat(world.home()).containsExactly("guest-state-1-1.p7m");
        assertThat(workingCopy()).isEqualTo(WorkingCopy.State.ABSENT);
        assertThat(world.hypervisor.holdsSecret(IncarnationFixture.VM)).isFalse();
    }

    @Test
    void aGuestThatDoesNotListenIsCutOffAfterItsGrace() {
        world.hypervisor.letGuestsIgnoreThePowerButton();
        world.pass(incarnation);
        world.server.changeSpec(incarnation, DesiredState.Stopped);

        world.pass(incarnation);
        world.later(Duration.ofSeconds(119));
        world.restartAgent();
        world.pass(incarnation);
        assertThat(state()).isInstanceOf(DomainState.Running.class);

        world.later(Duration.ofSeconds(1));
        world.pass(incarnation);
        assertThat(world.domain()).isEmpty();
        assertThat(status().exit()).isEqualTo(Exit.PoweredOff);
    }

    @Test
    void theNextIncarnationHasTheSameDisksAndTheSameKey() throws IOException {
        world.pass(incarnation);
        byte[] disk = Files.readAllBytes(world.folder().osDisk());
        stop();
        VMIncarnation next = world.incarnation(2, DesiredState.Running);
        world.server.ownEpoch(2);

        world.pass(next);

        assertThat(world.server.read(next).getStatus().phase()).isEqualTo(Phase.Running);
        assertThat(world.server.read(next).getStatus().ekDigest()).isEqualTo(FakeTpms.ek(1));
        assertThat(world.folder().osDisk()).hasBinaryContent(disk);
        assertThat(world.tpms.made()).isEqualTo(1);
    }

    @Test
    void anErasureLeavesNothingButATombstone() {
        world.pass(incarnation);
        world.server.changeSpec(incarnation, DesiredState.Erased);

        world.pass(incarnation);
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(incarnation);

        assertThat(phases()).containsExactly(Phase.Prepared, Phase.Running, Phase.Erased);
        assertThat(world.folder().path()).doesNotExist();
        assertThat(workingCopy()).isEqualTo(WorkingCopy.State.ABSENT);
        VMIncarnation late = world.incarnation(2, DesiredState.Running);
        world.server.ownEpoch(2);
        world.pass(late);
        assertThat(world.domain()).isEmpty();
    }

    @Test
    void whatWasRefusedRestsThoughItsOwnEventsWakeIt() {
        world.hypervisor.fail(Operation.CREATE_PAUSED, new HypervisorFailure.StartFailed("no"));
        world.pass(incarnation);
        long tries = creations();

        world.pass(incarnation);
        assertThat(creations()).isEqualTo(tries);

        world.later(Duration.ofSeconds(30));
        world.pass(incarnation);
        assertThat(creations()).isEqualTo(tries + 1);
        assertThat(phases()).containsExactly(Phase.Preparing);
    }

    @Test
    void aFirstStartWaitsForItsImageWithoutARestAndTellsWhatThereIsToTell() throws IOException {
        byte[] image = Files.readAllBytes(world.image());
        Files.delete(world.image());
        assertThat(world.pass(incarnation)).isLessThan(Duration.ofSeconds(10));
        assertThat(world.server.written()).isEmpty();

        world.problemOfImage = new Problem(Reason.DigestMismatch, "another SHA-256");
        world.pass(incarnation);
        assertThat(status().reason()).isEqualTo(Reason.DigestMismatch.name());
        assertThat(status().message()).isEqualTo("another SHA-256");
        assertThat(world.folder().path()).doesNotExist();
        assertThat(world.tpms.made()).isZero();

        Files.write(world.image(), image);
        world.pass(incarnation);
        assertThat(status().phase()).isEqualTo(Phase.Running);
    }

    @Test
    void aDiskThatIsSmallerThanItsImageIsRefused() throws IOException {
        Files.write(world.image(), new byte[16 << 20]);

        world.pass(incarnation);

        assertThat(status().reason()).isEqualTo(Reason.DiskTooSmall.name());
        assertThat(world.folder().osDisk()).doesNotExist();
    }

    @Test
    void aVmThatHasItsDiskNeedsItsImageNoMore() throws IOException {
        world.pass(incarnation);
        stop();
        Files.delete(world.image());
        VMIncarnation next = world.incarnation(2, DesiredState.Running);
        world.server.ownEpoch(2);

        world.pass(next);

        assertThat(world.server.read(next).getStatus().phase()).isEqualTo(Phase.Running);
    }

    @Test
    void aVmThatNamesAnotherOwnerIsNotLetRun() {
        world.server.ownEpoch(2);

        world.pass(incarnation);

        assertThat(status().reason()).isEqualTo(Reason.NotTheOwner.name());
        assertThat(state()).isInstanceOf(DomainState.Paused.class);
        assertThat(world.memory().require(IncarnationFixture.VM).resumedEpoch()).isZero();
    }

    @Test
    void aVmThatIsBeingDeletedOrIsAnotherOfItsNameIsNotLetRun() {
        world.server.own(new Ownership.Found(IncarnationFixture.VM.toString(), 1, IncarnationFixture.NODE, true));
        world.pass(incarnation);
        assertThat(state()).isInstanceOf(DomainState.Paused.class);

        world.later(Duration.ofMinutes(1));
        world.server.own(new Ownership.Found("another-uid", 1, IncarnationFixture.NODE, false));
        world.pass(incarnation);
        assertThat(state()).isInstanceOf(DomainState.Paused.class);

        world.later(Duration.ofMinutes(1));
        world.server.own(new Ownership.Absent());
        world.pass(incarnation);
        assertThat(state()).isInstanceOf(DomainState.Paused.class);
    }

    @Test
    void aVmThatTookOverARetainedOneIsAskedForByItsOwnUid() {
        world.server.create(IncarnationFixture.ownedBy("another-uid", incarnation));
        world.server.own(new Ownership.Found(IncarnationFixture.VM.toString(), 1, IncarnationFixture.NODE, false));
        world.pass(incarnation);
        assertThat(state()).isInstanceOf(DomainState.Paused.class);

        world.later(Duration.ofMinutes(1));
        world.server.own(new Ownership.Found("another-uid", 1, IncarnationFixture.NODE, false));
        world.pass(incarnation);
        assertThat(state()).isInstanceOf(DomainState.Running.class);
    }

    @Test
    void nothingRunsBeforeItsKeyIsOnRecord() {
        world.server.setDown(true);
        world.pass(incarnation);
        assertThat(state()).isInstanceOf(DomainState.Paused.class);

        world.server.setDown(false);
        world.pass(incarnation);
        assertThat(state()).isInstanceOf(DomainState.Running.class);
    }

    @Test
    void aGuestThatRanIsNotStartedAgainAfterAPowerCut() {
        world.pass(incarnation);
        world.hypervisor.powerCut();

        world.pass(incarnation);
        world.later(Duration.ofSeconds(2));
        world.pass(incarnation);
        world.pass(incarnation);

        assertThat(status().phase()).isEqualTo(Phase.Stopped);
        assertThat(status().exit()).isEqualTo(Exit.Crashed);
        assertThat(creations()).isEqualTo(1);
    }

    @Test
    void libvirtThatIsAwayIsToldOnceAndTouchesNothing() {
        world.pass(incarnation);
        world.hypervisor.goDown();
        world.pass(incarnation);
        world.pass(incarnation);
        assertThat(status().phase()).isEqualTo(Phase.Running);
        assertThat(status().reason()).isEqualTo(Reason.HypervisorUnavailable.name());

        world.hypervisor.restart();
        world.pass(incarnation);
        assertThat(status().reason()).isEqualTo(Reason.Running.name());
        assertThat(phases()).containsExactly(Phase.Prepared, Phase.Running, Phase.Running, Phase.Running);
    }

    @Test
    void aGuestWhoseDiskWasFullIsToldOfAndGoesOnWhenThereIsRoom() {
        world.pass(incarnation);
        world.hypervisor.pause(IncarnationFixture.VM, DomainState.PauseReason.IO_ERROR);

        world.pass(incarnation);
        assertThat(status().reason()).isEqualTo(Reason.GuestPaused.name());
        assertThat(state()).isInstanceOf(DomainState.Paused.class);

        world.pass(incarnation);
        assertThat(state()).isInstanceOf(DomainState.Running.class);
        assertThat(status().reason()).isEqualTo(Reason.Running.name());
    }

    @Test
    void aGuestThatSomebodyPausedStaysPaused() {
        world.pass(incarnation);
        world.hypervisor.pause(IncarnationFixture.VM, DomainState.PauseReason.REQUESTED);

        world.pass(incarnation);
        world.pass(incarnation);

        assertThat(state()).isInstanceOf(DomainState.Paused.class);
        assertThat(status().reason()).isEqualTo(Reason.GuestPaused.name());
    }

    @Test
    void aDiskThatIsGoneIsNotMadeAgain() throws IOException {
        world.pass(incarnation);
        stop();
        Files.delete(world.folder().dataDisk("data"));
        VMIncarnation next = world.incarnation(2, DesiredState.Running);
        world.server.ownEpoch(2);

        world.pass(next);

        assertThat(world.server.read(next).getStatus().reason()).isEqualTo(Reason.DiskMissing.name());
        assertThat(world.folder().dataDisk("data")).doesNotExist();
        assertThat(world.domain()).isEmpty();
    }

    @Test
    void nothingStartsFromAnOpenLocation() throws IOException {
        Files.setPosixFilePermissions(world.location, PosixFilePermissions.fromString("rwxr-xr-x"));

        world.pass(incarnation);

        assertThat(status().reason()).isEqualTo(Reason.LocationNotRestricted.name());
        assertThat(world.folder().path()).doesNotExist();
    }

    @Test
    void aNetworkThatTheNodeDoesNotOfferIsNamedWithThoseThatItDoes() {
        world.hypervisor.setHost(HostFactsBuilder.builder()
                .libvirtVersion("9.0.0")
                .qemuVersion("7.2.0")
                .emulator(Path.of("/usr/bin/qemu-system-x86_64"))
                .cores(2)
                .memoryBytes(1L << 32)
                .kvm(false)
                .secureBootFirmware(true)
                .networks(new TreeSet<>(List.of("vlan-1")))
                .build());

        world.pass(incarnation);

        assertThat(status().reason()).isEqualTo(Reason.NetworkMissing.name());
        assertThat(status().message()).contains("default").contains("vlan-1");
    }

    private void stop() {
        world.server.changeSpec(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        world.hypervisor.powerOff(IncarnationFixture.VM);
        world.pass(incarnation);
        assertThat(status().phase()).isEqualTo(Phase.Stopped);
    }

    private List<Phase> phases() {
        return world.server.written().stream().map(VMIncarnationStatus::phase).toList();
    }

    private VMIncarnationStatus status() {
        return world.server.read(incarnation).getStatus();
    }

    private DomainState state() {
        return world.hypervisor.find(IncarnationFixture.VM).orElseThrow().state();
    }

    private WorkingCopy.State workingCopy() {
        return world.hypervisor.workingCopy(IncarnationFixture.VM).state();
    }

    private long creations() {
        return world.hypervisor.calls().stream()
                .filter(call -> call.operation() == Operation.CREATE_PAUSED)
                .count();
    }
}
