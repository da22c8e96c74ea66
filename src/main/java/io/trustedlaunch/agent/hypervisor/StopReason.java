package io.trustedlaunch.agent.hypervisor;

/** Why a domain stopped. */
public enum StopReason {
    /** The guest shut down, by itself or on request. */
    GUEST_SHUTDOWN,
    /** It was powered off through the hypervisor. */
    DESTROYED,
    /** QEMU or the guest crashed. */
    CRASHED,
    /** It was migrated to another host. */
    MIGRATED,
    /** It failed to start. */
    FAILED,
    /** There is no record, for example after a restart of the host. */
    UNKNOWN
}
