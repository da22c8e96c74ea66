package io.trustedlaunch.api;

/** What a BackupRun is for. */
public enum BackupAction {
    /** A backup is made, by the agent of the node that runs the VM. */
    Backup,
    /** A backup is removed from its location; the node only has to have that. */
    Remove,
    /** All bytes of a backup, and of what it follows from, are read and compared. */
    Verify
}
