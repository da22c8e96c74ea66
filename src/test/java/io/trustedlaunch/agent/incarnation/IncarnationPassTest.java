package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.NODE;
import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Call;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.HostFactsBuilder;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Interface;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class IncarnationPassTest extends OneHost {
    @Test
    void aStartWritesTheStatusTwice() {
        world.pass(incarnation);

        assertThat(phases()).containsExactly(Phase.Prepared, Phase.Running);
        assertThat(world.status(incarnation).ekDigest()).isEqualTo(FakeTpms.ek(1));
        assertThat(world.status(incarnation).ekPublic()).isEqualTo("public-area-of-" + FakeTpms.ek(1));
        world.assertRuns();
    }

    @Test
    void aStartIsMeasuredStepByStep() {
        world.pass(incarnation);

        assertThat(world.steps).containsSubsequence("RecordEpoch", "Prepare", "Resume");
    }

    @Test
    void addressesAreWrittenOnce() throws IOException {
        world.pass(incarnation);
        world.hypervisor.setAddresses(VM, "52:54:00:12:34:56", InetAddress.getByAddress(new byte[] {10, 0, 42, 17}));

        world.pass(incarnation);
        world.pass(incarnation);

        assertThat(phases()).containsExactly(Phase.Prepared, Phase.Running, Phase.Running);
        assertThat(world.status(incarnation).networkInterfaces())
                .containsExactly(new Interface("nic0", "52:54:00:12:34:56", List.of("10.0.42.17")));
    }

    @Test
    void aStopWritesTheStatusOnceAndKeepsOnlyTheDisksAndTheHome() {
        world.pass(incarnation);
        assertThat(world.seed()).exists();

        world.stop(incarnation);

        assertThat(phases()).containsExactly(Phase.Prepared, Phase.Running, Phase.Stopped);
        assertThat(world.status(incarnation).exit()).isEqualTo(Exit.Shutdown);
        assertThat(world.seed()).doesNotExist();
        assertThat(world.folder().osDisk()).exists();
        assertThat(world.home.versions()).containsExactly("1-1");
        world.assertCopyErased();
        assertThat(world.hypervisor.holdsSecret(VM)).isFalse();
    }

    @Test
    void aGuestThatIgnoresItsShutdownIsPoweredOffAfterItsGracePeriod() {
        world.hypervisor.letGuestsIgnoreThePowerButton();
        world.pass(incarnation);
        world.server.desire(incarnation, DesiredState.Stopped);

        world.pass(incarnation);
        world.later(Duration.ofSeconds(119));
        world.restartAgent();
        world.pass(incarnation);
        world.assertRuns();

        world.later(Duration.ofSeconds(1));
        world.pass(incarnation);
        assertThat(world.state()).isEmpty();
        assertThat(world.status(incarnation).exit()).isEqualTo(Exit.PoweredOff);
    }

    @Test
    void aClockThatJumpsDoesNotCutTheGracePeriodShort() {
        world.hypervisor.letGuestsIgnoreThePowerButton();
        world.pass(incarnation);
        world.server.desire(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        world.later(Duration.ofSeconds(1));
        world.pass(incarnation);
        world.jump(Duration.ofHours(1));

        world.later(Duration.ofSeconds(118));
        world.pass(incarnation);
        world.assertRuns();

        world.later(Duration.ofSeconds(1));
        world.pass(incarnation);
        assertThat(world.state()).isEmpty();
        assertThat(world.status(incarnation).exit()).isEqualTo(Exit.PoweredOff);
    }

    /** A guest that shuts down soon costs no such report. */
    @Test
    void aGuestThatTakesLongToShutDownIsReportedWithItsDeadline() {
        world.hypervisor.letGuestsIgnoreThePowerButton();
        world.pass(incarnation);
        Instant deadline = world.now().plusSeconds(120);
        world.server.desire(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        world.later(Duration.ofSeconds(9));
        world.pass(incarnation);
        assertThat(phases()).containsExactly(Phase.Prepared, Phase.Running);

        world.later(Duration.ofSeconds(1));
        world.pass(incarnation);
        world.later(Duration.ofSeconds(10));
        world.pass(incarnation);

        assertThat(phases()).containsExactly(Phase.Prepared, Phase.Running, Phase.Stopping);
        assertThat(world.status(incarnation).message())
                .isEqualTo("the guest has until " + deadline.truncatedTo(ChronoUnit.SECONDS) + " to shut down");
    }

    @Test
    void aGuestThatIsShuttingDownEndsAtOnceIfItsGracePeriodIsWithdrawn() {
        world.hypervisor.letGuestsIgnoreThePowerButton();
        world.pass(incarnation);
        world.server.desire(incarnation, DesiredState.Stopped);
        world.pass(incarnation);
        world.assertRuns();

        world.server.edit(incarnation, spec -> spec.terminationGracePeriodSeconds(0));
        world.pass(incarnation);

        assertThat(world.state()).isEmpty();
        assertThat(world.status(incarnation).exit()).isEqualTo(Exit.PoweredOff);
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
    }

    @Test
    void theNextIncarnationHasTheSameDisksAndTheSameKey() throws IOException {
        world.pass(incarnation);
        byte[] disk = Files.readAllBytes(world.folder().osDisk());
        world.stop(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);

        VMIncarnation next = world.start(2);

        assertThat(world.status(next).phase()).isEqualTo(Phase.Running);
        assertThat(world.status(next).ekDigest()).isEqualTo(FakeTpms.ek(1));
        assertThat(world.folder().osDisk()).hasBinaryContent(disk);
        assertThat(world.tpms.made()).isEqualTo(1);
    }

    @Test
    void anErasureLeavesNothingThatTheIncarnationCouldStartFromAgain() {
        world.pass(incarnation);
        world.server.desire(incarnation, DesiredState.Erased);

        world.pass(incarnation);
        world.hypervisor.powerOff(VM);
        world.pass(incarnation);

        assertThat(phases()).containsExactly(Phase.Prepared, Phase.Running, Phase.Erased);
        assertThat(world.folder().path()).doesNotExist();
        world.assertCopyErased();
        world.server.desire(incarnation, DesiredState.Running);
        world.pass(incarnation);
        assertThat(world.state()).isEmpty();
        assertThat(world.folder().path()).doesNotExist();
    }

    @Test
    void aFirstStartThatWasErasedToMakeRoomCanBeTriedHereAgain() {
        world.hypervisor.fail(Operation.CREATE_PAUSED, new HypervisorFailure.StartFailed("no"));
        world.pass(incarnation);
        assertThat(world.tpms.made()).isEqualTo(1);
        world.hypervisor.heal();
        world.server.desire(incarnation, DesiredState.Erased);
        world.pass(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Erased);

        VMIncarnation again = world.incarnation(2);
        world.server.edit(again, spec -> spec.firstStart(true).ekDigest(null));
        world.server.own(2, NODE);
        world.later(Duration.ofMinutes(1));
        world.pass(again);

        assertThat(world.status(again).phase()).isEqualTo(Phase.Running);
        world.assertRuns();
    }

    @Test
    void aRefusedStartIsNotRetriedBeforeItsDelay() {
        world.hypervisor.fail(Operation.CREATE_PAUSED, new HypervisorFailure.StartFailed("no"));
        world.pass(incarnation);
        long attempts = creations();

        world.pass(incarnation);
        assertThat(creations()).isEqualTo(attempts);

        world.later(Duration.ofSeconds(30));
        world.pass(incarnation);
        assertThat(creations()).isEqualTo(attempts + 1);
        assertThat(phases()).containsExactly(Phase.Preparing);
    }

    @Test
    void aFirstStartWaitsForItsImageAndReportsWhyItIsMissing() throws IOException {
        byte[] image = Files.readAllBytes(world.image());
        Files.delete(world.image());
        assertThat(world.pass(incarnation)).isLessThan(Duration.ofSeconds(10));
        assertThat(world.server.written()).isEmpty();

        world.imageProblem = Optional.of(new Problem(Reason.DigestMismatch, "another SHA-256"));
        world.pass(incarnation);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.DigestMismatch);
        assertThat(world.status(incarnation).message()).isEqualTo("another SHA-256");
        assertThat(world.folder().path()).doesNotExist();
        assertThat(world.tpms.made()).isZero();

        Files.write(world.image(), image);
        world.pass(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);
    }

    @Test
    void aDiskThatIsSmallerThanItsImageIsRefused() {
        world.server.edit(
                incarnation,
                spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                        .osDiskSize(new Quantity("256"))
                        .build()));

        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.DiskTooSmall);
        assertThat(world.folder().osDisk()).doesNotExist();
    }

    @Test
    void aVmWithADiskDoesNotNeedItsImage() throws IOException {
        world.pass(incarnation);
        world.stop(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);
        Files.delete(world.image());

        VMIncarnation next = world.start(2);

        assertThat(world.status(next).phase()).isEqualTo(Phase.Running);
    }

    @Test
    void aGuestThatRanIsNotStartedAgainAfterAPowerCut() {
        world.pass(incarnation);
        world.hypervisor.powerCut();

        world.pass(incarnation);
        world.later(Duration.ofSeconds(2));
        world.pass(incarnation);
        world.pass(incarnation);

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(world.status(incarnation).exit()).isEqualTo(Exit.Crashed);
        assertThat(creations()).isEqualTo(1);
    }

    @Test
    void anUnavailableLibvirtIsReportedOnceAndNothingIsChanged() {
        world.pass(incarnation);
        world.hypervisor.goDown();
        world.pass(incarnation);
        world.pass(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.HypervisorUnavailable);

        world.hypervisor.restart();
        world.pass(incarnation);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.Running);
        assertThat(phases()).containsExactly(Phase.Prepared, Phase.Running, Phase.Running, Phase.Running);
    }

    @Test
    void aGuestThatWasPausedByAFullDiskIsReportedAndResumed() {
        world.pass(incarnation);
        world.hypervisor.pause(VM, DomainState.PauseReason.IO_ERROR);

        world.pass(incarnation);
        assertThat(world.reason(incarnation)).isEqualTo(Reason.GuestPaused);
        world.assertPaused();

        world.pass(incarnation);
        world.assertRuns();
        assertThat(world.reason(incarnation)).isEqualTo(Reason.Running);
    }

    @Test
    void aGuestThatWasPausedOnRequestStaysPaused() {
        world.pass(incarnation);
        world.hypervisor.pause(VM, DomainState.PauseReason.REQUESTED);

        world.pass(incarnation);
        world.pass(incarnation);

        world.assertPaused();
        assertThat(world.reason(incarnation)).isEqualTo(Reason.GuestPaused);
    }

    @Test
    void aDiskThatIsGoneIsNotMadeAgain() throws IOException {
        world.pass(incarnation);
        world.stop(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);
        Files.delete(world.folder().dataDisk(DiskIdentity.ofFirstStart("data")));

        VMIncarnation next = world.start(2);

        assertThat(world.reason(next)).isEqualTo(Reason.DiskMissing);
        assertThat(world.folder().dataDisk(DiskIdentity.ofFirstStart("data"))).doesNotExist();
        assertThat(world.state()).isEmpty();
    }

    @Test
    void nothingStartsFromAnUnrestrictedLocation() throws IOException {
        Files.setPosixFilePermissions(world.location, PosixFilePermissions.fromString("rwxr-xr-x"));

        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.LocationNotRestricted);
        assertThat(world.folder().path()).doesNotExist();
    }

    @Test
    void aMissingNetworkIsNamedTogetherWithTheNodesNetworks() {
        world.hypervisor.setHost(HostFactsBuilder.builder()
                .libvirtVersion("9.0.0")
                .qemuVersion("7.2.0")
                .emulator(Path.of("/usr/bin/qemu-system-x86_64"))
                .cores(2)
                .memoryBytes(1L << 32)
                .kvm(false)
                .secureBootFirmware(true)
                .firmware(List.of())
                .networks(new TreeSet<>(List.of("vlan-1")))
                .build());

        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.NetworkMissing);
        assertThat(world.status(incarnation).message()).contains("default").contains("vlan-1");
    }

    @Test
    void aGuestRunsOnWhenTheAgentIsRestartedAndLaterChangesAreSealed() {
        world.pass(incarnation);
        int calls = world.hypervisor.calls().size();

        world.restartAgent();
        world.pass(incarnation);

        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Running);
        world.assertRuns();
        assertThat(world.hypervisor.calls().stream().skip(calls).map(Call::operation))
                .doesNotContain(Operation.CREATE_PAUSED, Operation.DESTROY, Operation.RESUME);

        world.guestStores("later");
        world.stop(incarnation);
        assertThat(world.status(incarnation).phase()).isEqualTo(Phase.Stopped);
        assertThat(world.status(incarnation).guestState().complete()).isTrue();
        world.start(2, world.status(incarnation).guestState().version().toString());
        assertThat(world.stored()).isEqualTo("later");
    }

    private long creations() {
        return world.hypervisor.calls().stream()
                .filter(call -> call.operation() == Operation.CREATE_PAUSED)
                .count();
    }
}
