package io.trustedlaunch.operator.vm.plan;

import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Running;
import static io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState.Stopped;
import static io.trustedlaunch.operator.vm.plan.VmSteps.assertRefused;
import static io.trustedlaunch.testkit.Incarnations.ended;
import static io.trustedlaunch.testkit.Incarnations.neverRan;
import static io.trustedlaunch.testkit.Incarnations.reported;
import static io.trustedlaunch.testkit.Incarnations.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Devices;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Disk;
import io.trustedlaunch.api.incarnation.VMIncarnationSpecMachineBuilder;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.AppliedDevices;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.incarnation.VMIncarnationStatusBuilder;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.RecordedDisk;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusFillBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusRestoreBuilder;
import io.trustedlaunch.operator.quota.VmCharge;
import io.trustedlaunch.operator.vm.facts.DataDisks;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Vms;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The data disks of a VM's next start, by its spec and by the machine that it had. */
class ChangedDataDisksTest {
    @Test
    void disksOfAFirstStartHaveTheirNamesAlone() {
        assertDisks(next(VmScene.applied().with(wants("data", "logs"))), List.of("data", "logs"), List.of());
    }

    @Test
    void aNameThatStaysIsTheSameDiskANewOneIsOfItsEpochAndOneThatIsGoneIsKept() {
        VmScene off = off(2, wanted("data", "logs")).with(wants("data", "more"));

        assertDisks(next(off), List.of("data", "more.3"), List.of("logs"));
    }

    @Test
    void aNameThatIsUsedTwiceIsAnotherDiskEachTime() {
        VmScene without = off(2, wanted("data")).with(wants()).with(ran(3));
        assertDisks(machine(without, 3), List.of(), List.of("data"));

        VmScene second = without.with(wants("data")).with(ran(4));
        assertDisks(machine(second, 4), List.of("data.4"), List.of("data"));

        VmScene again = second.with(wants()).with(ran(5)).with(wants("data"));
        assertDisks(next(again), List.of("data.6"), List.of("data", "data.4"));
    }

    @Test
    void aRemovedDiskThatIsNamedComesBackAndTheOneOfItsNameIsRemoved() {
        VmScene second = off(2, wanted("data"))
                .with(wants())
                .with(ran(3))
                .with(wants("data"))
                .with(ran(4));
        VmScene back = second.spec(spec ->
                spec.dataDisks(List.of(new DataDisk("data", new Quantity("1Gi"), new DataDisk.Origin("data")))));

        DataDisks disks = next(back);
        assertDisks(disks, List.of("data"), List.of("data.4"));
        assertThat(disks.disks().getFirst().wasRemoved()).isTrue();

        assertDisks(next(back.with(ran(5)).with(wants("data"))), List.of("data"), List.of("data.4"));
    }

    /** The list was shortened by mistake, and no guest ran without the disk. */
    @Test
    void whatAnIncarnationChangedThatNeverRanIsForgotten() {
        VmScene never = off(2, wanted("data"))
                .with(wants("logs"))
                .with(scene -> scene.onRecord("host-a", 3).incarnation(3, Running, neverRan()));

        assertDisks(next(never.with(wants("data", "more"))), List.of("data", "more.4"), List.of());
    }

    /** Its node is dead: whether it ran is not known, so that what it added keeps its identity. */
    @Test
    void aFailoverKeepsWhatTheLostIncarnationMayHaveAdded() {
        VmScene lost = off(2, wanted("data"))
                .with(wants("data", "logs"))
                .with(scene -> scene.onRecord("host-a", 3)
                        .incarnation(3, Running, reported(Phase.Prepared))
                        .fenced("host-a"));

        assertDisks(next(lost), List.of("data", "logs.3"), List.of());
    }

    @Test
    void anIncarnationThatDoesNotRunYetIsReplacedOnceItsDisksAreOthers() {
        VmScene preparing = off(2, wanted("data"))
                .with(scene -> scene.onRecord("host-a", 3).incarnation(3, Running, status(Phase.Preparing)));

        assertThat(new SpecChange(
                                preparing.facts(),
                                preparing.facts().incarnations().of(3).orElseThrow())
                        .exists())
                .isFalse();
        VmScene changed = preparing.with(wants("data", "logs"));
        assertThat(new SpecChange(
                                changed.facts(),
                                changed.facts().incarnations().of(3).orElseThrow())
                        .exists())
                .isTrue();
    }

    @Test
    void aMigrationTakesTheMachineOfTheSourceWhateverTheSpecSays() {
        VmScene running = VmScene.recorded(1)
                .with(wants("data"))
                .incarnation(1, Running, reported(Phase.Running))
                .with(wants("logs"));

        assertThat(IncarnationBuilder.ofNextMigration(
                                running.facts(),
                                running.facts().incarnations().current().orElseThrow())
                        .machine())
                .isEqualTo(
                        running.facts().incarnations().current().orElseThrow().machine());
    }

    /** Its node was lost, and reports nothing of it; the source was given a disk, and has ended. */
    @Test
    void theTargetOfAMigrationWhoseGuestStayedSaysNothingOfTheDisks() {
        VmScene stayed = off(1, wanted("data"))
                .incarnation(2, Stopped)
                .incarnation(2, spec -> spec.arrival(new Arrival(1L, "host-a", true, true)))
                .incarnation(
                        1,
                        spec -> spec.devices(new Devices(
                                1L,
                                new Quantity("10Gi"),
                                List.of(
                                        new Disk("data", new Quantity("1Gi")),
                                        new Disk("logs", new Quantity("1Gi"), 1L, null)),
                                List.of(),
                                List.of())));

        assertDisks(next(stayed.with(wants("data"))), List.of("data"), List.of("logs.1"));
        VmScene started = stayed.onRecord("host-a", 3).removed(1).incarnation(3, Running, neverRan());
        started.incarnation(
                3,
                spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                        .dataDisks(List.of(new Disk("data", new Quantity("1Gi"))))
                        .removedDisks(List.of(new Disk("logs", new Quantity("1Gi"), 1L, null)))
                        .build()));
        assertDisks(next(started), List.of("data"), List.of("logs.1"));
    }

    @Test
    void aTargetWhoseGuestRunsThereSaysWhichDisksThereAre() {
        VmScene moved = off(1, wanted("data"))
                .onRecord("host-b", 2)
                .incarnation(2, Running, ended(Exit.Shutdown))
                .incarnation(
                        2,
                        spec -> spec.arrival(new Arrival(1L, "host-a", true, true))
                                .machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                                        .dataDisks(List.of(
                                                new Disk("data", new Quantity("1Gi")),
                                                new Disk("logs", new Quantity("1Gi"), 1L, null)))
                                        .build()));

        assertDisks(next(moved.with(wants("data"))), List.of("data"), List.of("logs.1"));
    }

    /** Its host died before: the newest guest state does not list it, also if the user does not name it any more. */
    @Test
    void aDiskThatTheGuestWasNeverGivenIsStillOneThatWasRemoved() {
        Disk back = new Disk("logs", new Quantity("1Gi"), 1L, true);

        assertThat(next(givenBack(back, ended(Exit.Crashed))).disks()).contains(back);
        assertThat(next(givenBack(back, ended(Exit.Crashed).devices(new AppliedDevices(1L, null, null))))
                        .disks())
                .contains(new Disk("logs", new Quantity("1Gi"), 1L, null));
    }

    /** As above, with a start that was given up. */
    @Test
    void aDiskOfAStartThatMayNotHaveBegunIsStillOneThatWasRemoved() {
        Disk back = new Disk("logs", new Quantity("1Gi"), 1L, true);
        VmScene lost = off(2, wanted("logs")).incarnation(2, Running);
        lost.incarnation(
                2,
                spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                        .dataDisks(List.of(back))
                        .build()));

        assertThat(next(lost).disks()).containsExactly(back);
    }

    /** The guest state at home decides: nothing is taken for a new disk. */
    @Test
    void withoutAMachineOnRecordNoDiskIsNew() {
        VmScene unknown = VmScene.recorded(4).home("host-a", 4, true).with(wants("data", "logs"));

        assertDisks(next(unknown), List.of("data", "logs"), List.of());
        VmScene named = unknown.spec(spec ->
                spec.dataDisks(List.of(new DataDisk("logs", new Quantity("1Gi"), new DataDisk.Origin("logs.3")))));
        assertDisks(next(named), List.of("logs.3"), List.of());
    }

    @Test
    void aRestoreBringsTheDisksThatItHasOnRecordAndRemovesTheOthers() {
        VmScene restored = off(5, wanted("data", "logs"))
                .status(status -> status.restore(TrustedLaunchVMStatusRestoreBuilder.builder()
                        .uid(Vms.UID)
                        .backup(new RecordedBackup("monday", Vms.UID, "ab".repeat(32)))
                        .location(BackupLocations.ref("backups", "/backups"))
                        .dataDisks(List.of(
                                new RecordedDisk("data", new Quantity("1Gi")),
                                new RecordedDisk("old", new Quantity("1Gi"), 2L)))
                        .approvedBy("ada")
                        .afterEpoch(5L)
                        .outcome(RestoreOutcome.Completed)
                        .build()));

        assertDisks(next(restored.with(wants("data", "old"))), List.of("data", "old.2"), List.of("logs"));
        assertDisks(next(restored.with(wants("data", "logs"))), List.of("data", "logs.6"), List.of("logs", "old.2"));
    }

    /** What is served has their names. */
    @Test
    void disksThatAreFilledStayTheSame() {
        VmScene filled = off(2, wanted("data"))
                .status(status -> status.diskFill(TrustedLaunchVMStatusFillBuilder.builder()
                        .uid(Vms.UID)
                        .backup(new RecordedBackup("monday", Vms.UID, "ab".repeat(32)))
                        .backupOf(Vms.UID)
                        .location(BackupLocations.ref("backups", "/backups"))
                        .build()))
                .with(wants("logs"));

        assertDisks(next(filled), List.of("data"), List.of());
    }

    @Test
    void moreRemovedDisksThanAreKeptRefuseTheStart() {
        List<Disk> removed = IntStream.rangeClosed(1, 32)
                .mapToObj(number -> new Disk("d" + number, new Quantity("1Mi")))
                .toList();
        VmScene full = off(2, wanted("data"))
                .incarnation(
                        2,
                        spec -> spec.machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                                .removedDisks(removed)
                                .build()));

        assertThat(next(full).removed()).hasSize(32);
        assertRefused(full.with(wants()), Reason.TooManyRemovedDisks, "33 removed disks");
    }

    @Test
    void aRemovedDiskThatIsNamedForItIsDeletedAndForgotten() {
        VmScene without = off(2, wanted("data", "logs")).with(wants("data")).with(ran(3));
        VmCharge charged = QuotaChecks.ofStart(without.facts());
        VmScene ordered = without.charged(charged.toStatus()).spec(spec -> spec.deletedDisks(List.of("logs")));

        assertDisks(next(ordered), List.of("data"), List.of());
        assertThat(next(ordered).deleted()).containsExactly(DiskIdentity.of("logs"));
        assertThat(QuotaChecks.ofStart(ordered.facts()).storage())
                .isEqualTo(charged.storage() - ByteSize.of(new Quantity("1Gi")));
        VmScene deleted = ordered.with(ran(4));
        assertThat(deleted.facts().incarnations().of(4).orElseThrow().machine().deletedDisks())
                .containsExactly("logs");
        assertDisks(next(deleted.with(wants("data", "logs"))), List.of("data", "logs.5"), List.of());
    }

    /** In one edit, or the entry alone. */
    @Test
    void onlyADiskWhoseEntryIsRemovedIsDeleted() {
        VmScene both = off(2, wanted("data", "logs")).spec(spec -> spec.deletedDisks(List.of("logs")));

        assertRefused(both, Reason.DisksMismatch, "spec.dataDisks still has it as logs");
        assertDisks(next(both.with(wants("data"))), List.of("data"), List.of());
        assertRefused(
                VmScene.applied().with(wants("data")).spec(spec -> spec.deletedDisks(List.of("data"))),
                Reason.DisksMismatch,
                "spec.dataDisks still has it as data");
    }

    @Test
    void ofAGuestThatRunsItIsSaidThatNoStartCouldHaveItsSpec() {
        VmScene running = VmScene.running().sharedLocation().with(wants("data"));
        assertThat(new FailoverReadiness(running.facts()).verdict().reason()).isEqualTo(Reason.FailoverReady);

        String data = next(running).disks().getFirst().identity().toString();
        running.spec(spec -> spec.dataDisks(
                                List.of(new DataDisk("data", new Quantity("1Gi"), new DataDisk.Origin(data))))
                        .deletedDisks(List.of(data)))
                .restartRequested("now");

        assertThat(new FailoverReadiness(running.facts()).verdict().reason()).isEqualTo(Reason.DisksMismatch);
        assertThat(new PendingChanges(running.facts()).verdict().message())
                .contains("which waits as long as a start is refused: spec.deletedDisks names disk " + data);
        assertThat(running.step(VmStep.Settled.class).message())
                .contains("the requested restart waits: spec.deletedDisks names disk " + data);
    }

    /** What it has is known once it is stopped. */
    @Test
    void aGuestThatRunsIsAdoptedWhateverTheSpecDeletes() {
        VmScene reserved = VmScene.recorded(2)
                .home("host-a", 1, true)
                .with(wants("data"))
                .spec(spec -> spec.deletedDisks(List.of("data")));

        assertRefused(reserved, Reason.DisksMismatch, "spec.dataDisks still has it as data");
        assertThat(reserved.seen("host-a", 2).step()).isInstanceOf(VmStep.CreateIncarnation.class);
    }

    @Test
    void whatIsRemovedCountsInTheQuota() {
        VmScene off = off(2, wanted("data", "logs")).with(wants("more"));

        assertThat(QuotaChecks.ofStart(off.facts()).storage())
                .isEqualTo(QuotaChecks.ofStart(
                                off.with(wants("data", "logs", "more")).facts())
                        .storage());
    }

    private static VmScene givenBack(Disk disk, VMIncarnationStatusBuilder status) {
        return off(2, wanted("data", "logs"))
                .incarnation(2, Running, status)
                .incarnation(
                        2,
                        spec -> spec.devices(
                                new Devices(1L, new Quantity("10Gi"), List.of(disk), List.of(), List.of())));
    }

    private static VmScene off(long epoch, List<DataDisk> disks) {
        return VmScene.recorded(epoch)
                .spec(spec -> spec.dataDisks(disks))
                .incarnation(epoch, Running, ended(Exit.Shutdown))
                .incarnation(
                        epoch,
                        spec -> spec.firstStart(true)
                                .machine(VMIncarnationSpecMachineBuilder.builder(spec.machine())
                                        .dataDisks(disks.stream()
                                                .map(disk -> new Disk(disk.name(), disk.size()))
                                                .toList())
                                        .build()));
    }

    private static UnaryOperator<VmScene> ran(long epoch) {
        return scene -> scene.onRecord("host-a", epoch).incarnation(epoch, Running, ended(Exit.Shutdown));
    }

    private static UnaryOperator<VmScene> wants(String... names) {
        return scene -> scene.spec(spec -> spec.dataDisks(wanted(names)));
    }

    private static List<DataDisk> wanted(String... names) {
        return Stream.of(names)
                .map(name -> new DataDisk(name, new Quantity("1Gi")))
                .toList();
    }

    private static DataDisks next(VmScene scene) {
        return DataDisks.of(scene.facts(), scene.facts().nextEpoch());
    }

    private static DataDisks machine(VmScene scene, long epoch) {
        return DataDisks.of(scene.facts().incarnations().of(epoch).orElseThrow().machine());
    }

    private static void assertDisks(DataDisks found, List<String> disks, List<String> removed) {
        assertThat(found.disks()).extracting(disk -> disk.identity().toString()).containsExactlyElementsOf(disks);
        assertThat(found.removed())
                .extracting(disk -> disk.identity().toString())
                .containsExactlyInAnyOrderElementsOf(removed);
    }
}
