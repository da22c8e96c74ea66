package io.trustedlaunch.agent.hypervisor;

/** The only exception of a {@link Hypervisor}. Its message never has key material. */
public final class HypervisorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient HypervisorFailure failure;

    public HypervisorException(HypervisorFailure failure) {
        super(failure.message());
        this.failure = failure;
    }

    public HypervisorException(HypervisorFailure failure, Throwable cause) {
        super(failure.message(), cause);
        this.failure = failure;
    }

    public HypervisorFailure failure() {
        return failure;
    }
}
