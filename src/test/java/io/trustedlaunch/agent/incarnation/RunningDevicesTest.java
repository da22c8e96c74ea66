package io.trustedlaunch.agent.incarnation;

import static io.trustedlaunch.agent.incarnation.IncarnationFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.hypervisor.FakeHypervisor.Operation;
import io.trustedlaunch.agent.hypervisor.GuestDevices;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Departure;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Nic;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecDepartureBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.DevicePlace;
import io.trustedlaunch.api.vm.LinkState;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.recovery.EscrowName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest that runs with disks of 8Mi and 4Mi and a card, and is given other devices. */
class RunningDevicesTest extends OneHost {
    private static final long MIB = 1 << 20;
    private static final HypervisorFailure BUSY = new HypervisorFailure.OperationFailed("the disk is being backed up");

    private static final Disk DATA = new Disk("data", new Quantity("4Mi"));
    /** One that revision 1 adds. */
    private static final Disk LOGS = new Disk("logs", new Quantity("4Mi"), 1L, null, 1L);

    private static final Disk MORE = new Disk("more", new Quantity("4Mi"), 1L, null, 1L);

    @BeforeEach
    void run() {
        world.pass(incarnation);
        world.pass(incarnation);
    }

    @Test
    void disksGrowAndTheRevisionIsReportedOnce() {
        long writes = writes();
        request(1, "16Mi", List.of(card()));

        assertDisk(16);
        assertThat(applied()).isEqualTo(new AppliedDevices(1L, null, null));
        world.pass(incarnation);
        assertThat(writes()).isEqualTo(writes + 1);
    }

    /** A smaller size is never given: the guest has more. */
    @Test
    void theyDoNotShrink() {
        request(1, "16Mi", List.of(card()));
        request(2, "8Mi", List.of(card()));

        assertDisk(16);
        assertThat(applied().revision()).isEqualTo(2);
    }

    @Test
    void cardsComeGoAndChangeTheirLink() {
        Nic added = new Nic("added", card().network(), "52:54:00:12:34:5a", "None");
        request(1, "8Mi", List.of(down(card()), added));

        assertThat(world.hypervisor.spec(VM).orElseThrow().nics()).containsExactly(down(card()), added);
        assertThat(world.status(incarnation).places())
                .extracting(DevicePlace::device)
                .contains("nic/added", "nic/nic0");

        request(2, "8Mi", List.of(added));

        assertThat(world.hypervisor.spec(VM).orElseThrow().nics()).containsExactly(added);
        assertThat(applied().revision()).isEqualTo(2);
    }

    @Test
    void theAgentMayDieInTheMiddle() {
        world.server.edit(incarnation, spec -> spec.devices(devices(1, "16Mi", List.of(down(card())))));
        world.dieAt(Failpoint.AGENT_DEVICES_CHANGED, incarnation);
        world.restartAgent();
        world.pass(incarnation);

        assertDisk(16);
        assertThat(applied().revision()).isEqualTo(1);
    }

    /** The rest is done, and it is tried again. */
    @Test
    void whatCannotBeDoneNowIsToldAndDoneLater() {
        world.hypervisor.fail(Operation.GROW_DISK, BUSY);
        request(1, "16Mi", List.of(down(card())));

        assertThat(world.hypervisor.spec(VM).orElseThrow().nics()).containsExactly(down(card()));
        assertThat(applied().revision()).isNull();
        assertThat(applied().reason()).isEqualTo("DeviceChangeFailed");
        assertThat(applied().message()).isEqualTo("disk os.qcow2 does not grow: the disk is being backed up");
        assertThat(world.reason(incarnation)).as("the guest runs").isEqualTo(Reason.Running);

        world.hypervisor.heal();
        world.pass(incarnation);

        assertDisk(16);
        assertThat(applied()).isEqualTo(new AppliedDevices(1L, null, null));
    }

    @Test
    void aCardThatTheGuestHoldsIsToldAndStaysUntilItLetsGo() {
        world.hypervisor.devices().holdDevices(VM);
        request(1, "8Mi", List.of());

        assertThat(applied().reason()).isEqualTo("DeviceHeld");
        assertThat(applied().message()).contains(card().mac());

        world.hypervisor.devices().letGoOfDevices(VM);
        world.pass(incarnation);

        assertThat(applied()).isEqualTo(new AppliedDevices(1L, null, null));
        assertThat(world.hypervisor.spec(VM).orElseThrow().nics()).isEmpty();
    }

    @Test
    void aDiskIsMadeListedAndAttached() {
        request(1, List.of(DATA, LOGS), List.of());

        assertThat(names()).containsExactly("data", "logs.1");
        assertThat(file("logs.1")).exists();
        assertThat(applied()).isEqualTo(new AppliedDevices(1L, null, null));
        assertThat(world.status(incarnation).places())
                .extracting(DevicePlace::device)
                .contains("disk/logs.1");
    }

    @Test
    void aRemovedDiskLeavesTheGuestAndItsFileStays() {
        request(1, List.of(DATA, LOGS), List.of());
        request(2, List.of(LOGS), List.of(DATA));

        assertThat(names()).containsExactly("logs.1");
        assertThat(file("data")).exists();
        assertThat(applied().revision()).isEqualTo(2);
    }

    /** Whoever recovers the VM from its escrow would otherwise miss a disk that the state lists. */
    @Test
    void theEscrowIsThereBeforeAStateListsTheDisk() {
        byte[] changed = {4, 2};
        world.server.edit(
                incarnation,
                spec -> spec.escrow(World.base64(changed)).devices(devices(1, List.of(DATA, LOGS), List.of())));
        world.dieAt(Failpoint.AGENT_DISKS_LISTED, incarnation);

        assertThat(world.folder().path().resolve(EscrowName.of(1))).hasBinaryContent(changed);
    }

    /** Its next start has it, though another node finds its file missing from its record. */
    @ParameterizedTest
    @EnumSource(
            value = Failpoint.class,
            names = {"AGENT_DISK_ADDED", "AGENT_DISKS_LISTED", "AGENT_DEVICES_CHANGED", "AGENT_GUEST_STATE_SEALED"})
    void whereverTheHostDiesTheNextStartHasTheDisk(Failpoint point) {
        world.server.edit(incarnation, spec -> spec.devices(devices(1, List.of(DATA, LOGS), List.of())));
        world.dieAt(point, incarnation);
        world.restartAgent();
        world.hypervisor.powerOff(VM);
        world.pass(incarnation);
        world.pass(incarnation);

        VMIncarnation next = world.start(
                2,
                spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                        .dataDisks(List.of(DATA, LOGS))
                        .build()));

        assertThat(world.status(next).phase()).isEqualTo(Phase.Running);
        assertThat(names()).containsExactly("data", "logs.1");
    }

    /** Nobody has removed it: the record is older than the guest. */
    @Test
    void noDiskIsTakenFromAGuestBecauseTheRecordLacksIt() {
        request(1, List.of(DATA, LOGS), List.of());
        request(2, List.of(DATA), List.of());

        assertThat(names()).containsExactly("data", "logs.1");
        assertThat(applied().reason()).isEqualTo("DisksMismatch");
        assertThat(applied().message()).contains("data-logs.1.qcow2");
    }

    /** Its content would be an empty disk's. */
    @Test
    void aDiskThatSomeGuestHadIsNotMadeAnew() throws IOException {
        request(1, List.of(DATA, LOGS), List.of());
        request(2, List.of(DATA), List.of(LOGS));
        Files.delete(file("logs.1"));
        request(3, List.of(DATA, new Disk("logs", new Quantity("4Mi"), 1L, true)), List.of());

        assertThat(names()).containsExactly("data");
        assertThat(applied().message()).contains("is missing, and the agent makes no new one");
    }

    @Test
    void aDiskThatTheGuestHoldsStaysListed() {
        world.hypervisor.devices().holdDevices(VM);
        request(1, List.of(), List.of(DATA));

        assertThat(names()).containsExactly("data");
        assertThat(applied().reason()).isEqualTo("DeviceHeld");

        world.hypervisor.devices().letGoOfDevices(VM);
        world.pass(incarnation);

        assertThat(names()).isEmpty();
        assertThat(applied().revision()).isEqualTo(1);
    }

    /** Something is in its place at first. The other one that is added with it is listed before. */
    @Test
    void aDiskThatCouldNotBeMadeIsMadeLater() throws IOException {
        Files.createDirectory(file("more.1"));
        request(1, List.of(DATA, LOGS, MORE), List.of());
        assertThat(names()).containsExactly("data", "logs.1");
        assertThat(applied().reason()).isEqualTo("DeviceChangeFailed");

        Files.delete(file("more.1"));
        world.pass(incarnation);

        assertThat(names()).containsExactlyInAnyOrder("data", "logs.1", "more.1");
        assertThat(applied()).isEqualTo(new AppliedDevices(1L, null, null));
    }

    @Test
    void oneThatCouldNotBeMadeIsMadeByTheNextStart() throws IOException {
        Files.createDirectory(file("more.1"));
        request(1, List.of(DATA, LOGS, MORE), List.of());
        Files.delete(file("more.1"));
        world.stop(incarnation);

        VMIncarnation next = world.start(
                2,
                spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                        .dataDisks(List.of(DATA, LOGS, MORE))
                        .build()));

        assertThat(world.status(next).phase()).isEqualTo(Phase.Running);
        assertThat(file("more.1")).exists();
    }

    /** Its devices are looked at with each report. */
    @Test
    void aGuestWhoseDevicesAreNotKnownIsStillReported() {
        request(1, "16Mi", List.of(card()));
        world.hypervisor.fail(Operation.DEVICES, BUSY);
        world.pass(incarnation);

        assertThat(world.reason(incarnation)).isEqualTo(Reason.Running);
        assertThat(applied()).isEqualTo(new AppliedDevices(1L, null, null));
    }

    /** It was asked to let go, and the removal was taken back meanwhile. */
    @Test
    void aDiskThatTheGuestLetsGoOfTooLateIsAddedAgain() {
        world.hypervisor.devices().holdDevices(VM);
        request(1, List.of(), List.of(DATA));
        request(2, List.of(new Disk("data", new Quantity("4Mi"), null, true)), List.of());
        assertThat(applied().revision()).isEqualTo(2);

        world.hypervisor.devices().letGoOfDevices(VM);
        assertThat(names()).isEmpty();
        world.pass(incarnation);

        assertThat(names()).containsExactly("data");
    }

    /** After the API server's data was restored, and its operator has counted on. */
    @Test
    void aRevisionThatComesBackWithOtherDevicesIsApplied() {
        request(1, "8Mi", List.of(down(card())));
        world.server.edit(incarnation, spec -> spec.devices(devices(1, "8Mi", List.of(card()))));
        world.pass(incarnation);

        assertThat(world.hypervisor.spec(VM).orElseThrow().nics()).containsExactly(card());
    }

    /** The target is to have what its record says. */
    @Test
    void noGuestIsSentBeforeItHasTheDevicesOfItsRecord() {
        world.hypervisor.fail(Operation.GROW_DISK, BUSY);
        request(1, "16Mi", List.of(card()));
        Departure departure = VMIncarnationSpecDepartureBuilder.builder()
                .epoch(2L)
                .nodeName("host-b")
                .address("192.0.2.2")
                .port(1)
                .build();
        world.server.edit(incarnation, spec -> spec.departure(departure));
        world.pass(incarnation);

        VMIncarnationStatus.Departure stayed = world.status(incarnation).departure();
        assertThat(stayed.course()).isEqualTo(Course.Stayed);
        assertThat(stayed.message()).contains("being changed");
    }

    private void request(long revision, String osDisk, List<Nic> nics) {
        world.server.edit(incarnation, spec -> spec.devices(devices(revision, osDisk, nics)));
        world.pass(incarnation);
    }

    private void request(long revision, List<Disk> disks, List<Disk> removed) {
        world.server.edit(incarnation, spec -> spec.devices(devices(revision, disks, removed)));
        world.pass(incarnation);
    }

    private Devices devices(long revision, List<Disk> disks, List<Disk> removed) {
        return new Devices(revision, new Quantity("8Mi"), disks, removed, List.of(card()));
    }

    private List<String> names() {
        return world.hypervisor.spec(VM).orElseThrow().dataDisks().stream()
                .map(io.trustedlaunch.agent.domain.Disk::name)
                .toList();
    }

    private Path file(String disk) {
        return world.folder().dataDisk(DiskIdentity.of(disk));
    }

    private Devices devices(long revision, String osDisk, List<Nic> nics) {
        return new Devices(
                revision, new Quantity(osDisk), incarnation.getSpec().machine().dataDisks(), List.of(), nics);
    }

    private Nic card() {
        return incarnation.getSpec().machine().nics().getFirst();
    }

    private static Nic down(Nic nic) {
        return new Nic(nic.name(), nic.network(), nic.mac(), nic.trafficFilter(), LinkState.Down);
    }

    private AppliedDevices applied() {
        return world.status(incarnation).devices();
    }

    private long writes() {
        return world.server.written().size();
    }

    private void assertDisk(long mebibytes) {
        assertThat(world.hypervisor.devices().of(VM).disks())
                .contains(new GuestDevices.Devices.Disk(world.folder().osDisk(), mebibytes * MIB));
    }
}
