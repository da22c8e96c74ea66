package io.trustedlaunch.api;

/** What becomes of a VM whose node is drained. */
public enum EvictionStrategy {
    /** It is moved to another node while it runs. */
    LiveMigrate,
    /** It stays, and the drain says so. */
    None
}
