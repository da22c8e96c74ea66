package io.trustedlaunch.recovery;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupResultBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.api.vm.RetainedVMRecordBuilder;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.custody.RecoveryCertificate;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A backup that this cluster has not made, as it goes on record: a VMBackup, whose status has the VM's key sealed for this
 * cluster's backup key.
 *
 * @param namespace whose VMs may be restored from it
 * @param location the BackupLocation that has it
 */
public record ImportedBackup(RecoverableBackup backup, String namespace, BackupLocation location) {
    private static final int MAX_NAME = 200;

    /** Always the same one, so that a backup is not on record twice. */
    public String name() {
        String vm = backup.escrow().record().name();
        return vm.substring(0, Math.min(vm.length(), MAX_NAME)) + "-"
                + backup.ref().id().backup();
    }

    /** The VMBackup without its status, which the API server takes only in a second write. No run makes it. */
    public VMBackup resource() {
        VMBackup resource = new VMBackup();
        resource.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(name())
                .withAnnotations(Map.of(Api.IMPORTED_BACKUP, "true"))
                .build());
        resource.setSpec(new VMBackupSpec(
                new ObjectRef(backup.escrow().record().name()),
                new ObjectRef(location.getMetadata().getName()),
                BackupMode.Auto));
        return resource;
    }

    /**
     * @param certificate this cluster's backup key's
     * @param by name of the user who imports it
     */
    public VMBackupStatus status(RecoveryCertificate certificate, String by, Instant now, SecureRandom random) {
        String time = now.toString();
        return VMBackupStatusBuilder.builder()
                .observedGeneration(1L)
                .phase(Phase.Completed)
                .vmUID(backup.ref().id().vm().toString())
                .backupUID(backup.ref().id().backup().toString())
                .locationID(location.getSpec().id())
                .image(backup.description().image())
                .progressPercent(100)
                .result(result())
                .escrow(Base64.getEncoder().encodeToString(escrow().seal(certificate, random)))
                .startTime(time)
                .completionTime(time)
                .conditions(List.of(
                        condition(ConditionType.Completed, by, time), condition(ConditionType.Complete, by, time)))
                .build();
    }

    private Condition condition(ConditionType type, String by, String time) {
        return new ConditionBuilder()
                .withType(type.name())
                .withStatus("True")
                .withObservedGeneration(1L)
                .withLastTransitionTime(time)
                .withReason(Reason.BackupImported.name())
                .withMessage("imported by " + by + ": a backup of VM "
                        + Messages.printable(backup.description().namespace() + "/"
                                + backup.description().name())
                        + " as it was at " + backup.description().time())
                .build();
    }

    /** Its files do not say what was read for it. */
    private BackupResult result() {
        return BackupResultBuilder.builder()
                .indexSHA256(backup.ref().indexSHA256())
                .guestState(backup.description().guestState())
                .dataDisks(
                        DiskName.dataDisks(backup.description().disks().stream().map(BackupDescription.Disk::name)))
                .time(backup.description().time())
                .stored(ByteSize.rounded(backup.index().ownBytes()))
                .build();
    }

    /** The person who imports it says which namespace it is for; what the backup says of that proves nothing. */
    private Escrow escrow() {
        Escrow found = backup.escrow();
        TrustedLaunchVM vm = new TrustedLaunchVM();
        vm.setMetadata(new ObjectMetaBuilder(found.vm().getMetadata())
                .withNamespace(namespace)
                .withAnnotations(null)
                .build());
        vm.setSpec(found.vm().getSpec());
        return new Escrow(
                found.key(),
                vm,
                RetainedVMRecordBuilder.builder(found.record())
                        .namespace(namespace)
                        .namespaceUID(null)
                        .build());
    }
}
