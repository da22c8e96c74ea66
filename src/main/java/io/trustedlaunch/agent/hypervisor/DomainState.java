package io.trustedlaunch.agent.hypervisor;

/**
 * A domain's state as reported by the hypervisor. Domains are transient and vanish when they stop; {@link
 * Hypervisor#lastStop} says why.
 */
public sealed interface DomainState {
    record Running() implements DomainState {}

    /**
     * Not executing. Some versions of libvirt report a domain that was created paused and one that was paused later alike,
     * so this does not prove that the guest has not run yet.
     */
    record Paused(PauseReason reason) implements DomainState {}

    /** The guest is shutting down, or QEMU is being ended, also one whose guest never ran. */
    record ShuttingDown() implements DomainState {}

    record ShutOff(StopReason reason) implements DomainState {}

    /** The guest or QEMU has crashed, and the domain still exists. */
    record Crashed() implements DomainState {}

    enum PauseReason {
        /** Created paused and not resumed since, or arrived by migration. */
        STARTING,
        /** A client paused it. */
        REQUESTED,
        /** It was migrated, or is being migrated. */
        MIGRATION,
        /** A disk cannot be written, because it is full or gone. */
        IO_ERROR,
        /** The guest crashed. */
        CRASHED,
        OTHER
    }
}
