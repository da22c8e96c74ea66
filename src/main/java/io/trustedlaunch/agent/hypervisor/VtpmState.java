package io.trustedlaunch.agent.hypervisor;

/** Whether the process that is a domain's TPM can respond to the guest. */
public sealed interface VtpmState {
    record Responding() implements VtpmState {}

    /** The process is stopped, as by SIGSTOP or a debugger. It may be continued. */
    record Stopped(long pid) implements VtpmState {}

    /** The process has ended: the domain has no TPM any more. */
    record Ended() implements VtpmState {}

    /** It was not observed yet, or cannot be observed. */
    record Unknown() implements VtpmState {}

    /** The guest has no TPM that responds. */
    default boolean isFailed() {
        return switch (this) {
            case Stopped stopped -> true;
            case Ended ended -> true;
            case Responding responding -> false;
            case Unknown unknown -> false;
        };
    }
}
