package io.trustedlaunch.api;

/** How much a backup saves. */
public enum BackupMode {
    /** What has changed since the last backup, where that is known; otherwise everything. */
    Auto,
    /** Everything. */
    Full
}
