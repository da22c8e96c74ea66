package io.trustedlaunch.api.backup;

/** How much is read of the disks for a backup. Only what is new is stored. */
public enum BackupMode {
    /** What has changed since an earlier backup, where that is known; otherwise everything. */
    Auto,
    /** Everything. */
    Full
}
