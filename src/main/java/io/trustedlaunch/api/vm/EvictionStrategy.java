package io.trustedlaunch.api.vm;

/** The treatment of a VM whose node is drained. */
public enum EvictionStrategy {
    /** It migrates to another node while it runs. */
    LiveMigrate,
    /** It stays, and the drain waits until it is stopped. */
    None
}
