package io.trustedlaunch.agent.hypervisor;

/**
 * What a domain is doing, as the hypervisor tells it. Most states last only moments: domains are transient and vanish
 * when they stop, and {@link Hypervisor#lastStop} says why.
 */
public sealed interface DomainState {
    record Running() implements DomainState {}

    /**
     * Not executing. A domain that was created paused and one that was paused later look alike on some versions of
     * libvirt, so that nobody may conclude from this alone that the guest has not run yet.
     */
    record Paused(PauseReason reason) implements DomainState {}

    /** The guest was asked to shut down, and is at it. */
    record ShuttingDown() implements DomainState {}

    record ShutOff(StopReason reason) implements DomainState {}

    /** The guest or QEMU has crashed, and the domain is still there. */
    record Crashed() implements DomainState {}

    enum PauseReason {
        /** Created paused and not resumed since, or migrated in. */
        STARTING,
        /** Somebody asked for it. */
        REQUESTED,
        /** It was, or is being, migrated. */
        MIGRATION,
        /** A disk cannot be written: full, or gone. */
        IO_ERROR,
        /** The guest crashed. */
        CRASHED,
        OTHER
    }
}
