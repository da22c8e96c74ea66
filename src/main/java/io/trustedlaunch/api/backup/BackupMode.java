package io.trustedlaunch.api.backup;

/** How much is read of the disks for a backup, and stored. */
public enum BackupMode {
    /** What has changed since an earlier backup is read, where that is known, otherwise everything; what is new is stored. */
    Auto,
    /** Everything is read, and stored anew: none of it depends on a file of an earlier backup. */
    Full
}
