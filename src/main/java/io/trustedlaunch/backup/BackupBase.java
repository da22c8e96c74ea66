package io.trustedlaunch.backup;

import java.util.UUID;

/** The base of a backup. */
public sealed interface BackupBase {
    /** @param since the backup since which changes are read */
    record Incremental(UUID since) implements BackupBase {}

    /** Everything is read. */
    record Full(FullReason reason) implements BackupBase {}

    /** Why a backup is full. */
    enum FullReason {
        /** Its mode is Full. */
        Requested,
        /** There is no backup of the VM in this location. */
        FirstBackup,
        /** The VM was off, and all of its disks are read. */
        VMStopped,
        /** The VM was restored since, so that its disks are others. */
        AfterRestore,
        /** The disks were copied to another place since, without their record of changes. */
        DisksCopied,
        /** No backup since whose time changes are on record can be used. */
        BackupUnusable,
        /** QEMU died while the guest ran, so that the disks' record of changes is not consistent. */
        AfterCrash,
        /** A disk has no record of changes since. */
        NoBitmap
    }
}
