package io.trustedlaunch.api.backup;

/** An order to a node for one VMBackup. */
public interface BackupOrder {
    String nodeName();

    BackupRunSpec.Vm vmRef();

    BackupRunSpec.Backup backupRef();

    BackupRunSpec.Location location();

    BackupRunSpec.Envelope envelope();

    /** Whether it was created for this one: somebody with the rights of an administrator may have created another of its name. */
    default boolean isFor(VMBackup backup) {
        return backupRef().uid().equals(backup.getMetadata().getUid())
                && vmRef().namespace().equals(backup.getMetadata().getNamespace())
                && vmRef().name().equals(backup.getSpec().vmRef().name())
                && location().name().equals(backup.getSpec().locationRef().name())
                && backup.status()
                        .map(VMBackupStatus::vmUID)
                        .map(vmRef().uid()::equals)
                        .orElse(true);
    }

    /** Whether its node can have reached the location: into a bucket it gets with what the operator has sealed to it. */
    default boolean reachesItsLocation() {
        return location().s3() == null || envelope() != null;
    }
}
