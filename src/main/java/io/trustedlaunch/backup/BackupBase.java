package io.trustedlaunch.backup;

import java.util.UUID;

/** The base of a backup. */
public sealed interface BackupBase {
    /** @param parent the changes since this backup are saved */
    record Incremental(UUID parent) implements BackupBase {}

    /** Everything is saved. */
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
