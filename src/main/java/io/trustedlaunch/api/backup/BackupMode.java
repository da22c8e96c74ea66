package io.trustedlaunch.api.backup;

/** How much a backup saves. */
public enum BackupMode {
    /** The changes since the last backup, where they are known; otherwise everything. */
    Auto,
    /** Everything. */
    Full
}
