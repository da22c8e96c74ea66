package io.trustedlaunch.api.vm;

/** The treatment of a VM whose node was proved dead. */
public enum FailoverStrategy {
    /** It starts on another node that shares its storage location. */
    StartElsewhere,
    /** It stays, and starts again when its node is back. */
    None
}
