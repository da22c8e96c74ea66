package io.trustedlaunch.agent.hypervisor;

/** Why a domain is not there any more. */
public enum StopReason {
    /** The guest shut itself down, on its own account or because it was asked. */
    GUEST_SHUTDOWN,
    /** Its power was cut through the hypervisor. */
    DESTROYED,
    /** QEMU or the guest ended against its will. */
    CRASHED,
    /** It runs on another host now. */
    MIGRATED,
    /** It did not get as far as running. */
    FAILED,
    /** Nobody saw it: the hypervisor or its host was restarted. */
    UNKNOWN
}
