package io.trustedlaunch.operator.backup;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.vm.RetainedVMRecord;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.operator.vm.facts.RetainedVm;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The backups that VMs need which were started at once from one: until their disks are whole, any backup of the same VM in the same
 * location may have a pack that they need.
 */
public final class NeededBackups {
    private NeededBackups() {}

    /**
     * A VM that needs backups.
     *
     * @param why for those who may see the VM
     * @param backupOf identity of the VM whose backups it needs
     */
    public record Need(String namespace, String why, String backupOf, BackupRunSpec.Location location) {}

    /**
     * Of VMs that are there, and of those that were deleted and kept.
     *
     * @param keys the protection keys; read later than the VMs, since a VM goes once its Secret says that it is kept
     */
    public static Stream<Need> of(List<TrustedLaunchVM> vms, Stream<Secret> keys) {
        return Stream.concat(
                vms.stream().flatMap(NeededBackups::of),
                keys.flatMap(key -> RetainedVm.of(key).found().stream())
                        .filter(kept -> kept.record().diskFill() != null)
                        .filter(kept -> vms.stream().noneMatch(vm -> hasTakenOver(vm, kept)))
                        .map(kept -> need(kept.record(), kept.record().diskFill())));
    }

    /** What the record says is in its status, or was. */
    private static boolean hasTakenOver(TrustedLaunchVM vm, RetainedVm.Found kept) {
        return kept.holder().equals(Optional.of(vm.getMetadata().getUid()))
                && new VmObject(vm).epoch() >= kept.record().epoch();
    }

    /** A restore that has begun counts: the VM needs the backup as soon as that has ended. */
    private static Stream<Need> of(TrustedLaunchVM vm) {
        Optional<TrustedLaunchVMStatus> status = vm.status();
        Stream<Need> filling = status.map(TrustedLaunchVMStatus::diskFill).stream()
                .map(fill -> need(vm, fill.backup(), fill.backupOf(), fill.location()));
        Stream<Need> restoring = status.map(TrustedLaunchVMStatus::restore).stream()
                .filter(restore -> restore.outcome() == null && restore.startsAtOnce())
                .map(restore -> need(vm, restore.backup(), restore.sourceVm(vm.identity()), restore.location()));
        return Stream.concat(filling, restoring);
    }

    private static Need need(
            TrustedLaunchVM vm, RecordedBackup backup, String backupOf, BackupRunSpec.Location location) {
        String name = vm.getMetadata().getName();
        return new Need(
                vm.getMetadata().getNamespace(),
                why("VM " + name, backup) + "let it run until then (kubectl tlvm status " + name + "), or delete it",
                backupOf,
                location);
    }

    private static Need need(RetainedVMRecord kept, TrustedLaunchVMStatus.Fill fill) {
        return new Need(
                kept.namespace(),
                why("retained VM " + kept.name(), fill.backup())
                        + "take it over (spec.restoreFrom.retainedVM.uid: " + kept.uid()
                        + "), and let it run until then, or delete it",
                fill.backupOf(),
                fill.location());
    }

    private static String why(String vm, RecordedBackup backup) {
        return vm + " was started at once from VMBackup " + backup.name()
                + ", and its disks need the files until they are whole: ";
    }

    /**
     * Why the files of a backup stay; empty: no VM needs them.
     *
     * @param location of its name
     */
    public static Optional<Problem> problem(VMBackup backup, Optional<BackupLocation> location, Stream<Need> needs) {
        return needs.filter(need -> backup.status()
                        .filter(status -> need.backupOf().equals(status.vmUID()))
                        .filter(status -> need.location().id().equals(status.locationID())
                                // The marker of a store may have been written anew since.
                                || isPlace(need, location))
                        .isPresent())
                .findFirst()
                .map(need -> new Problem(Reason.BackupNeeded, message(need, backup)));
    }

    private static boolean isPlace(Need need, Optional<BackupLocation> location) {
        return location.map(BackupRunSpec.Location::of)
                .map(BackupRunSpec.Location::place)
                .filter(need.location().place()::equals)
                .isPresent();
    }

    /** A user perhaps sees no other namespace. */
    private static String message(Need need, VMBackup backup) {
        return need.namespace().equals(backup.getMetadata().getNamespace())
                ? need.why()
                : "the disks of a VM of another namespace, which was started at once from a backup, need the files until"
                        + " they are whole";
    }
}
