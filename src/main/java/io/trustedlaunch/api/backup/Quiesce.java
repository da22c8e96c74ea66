package io.trustedlaunch.api.backup;

/** Whether the guest is asked to make its files consistent for the instant of a backup. */
public enum Quiesce {
    /** The guest agent is asked to freeze the guest's file systems; without its answer the backup is made all the same. */
    BestEffort,
    /** It is not asked. */
    Never
}
