package io.trustedlaunch.agent.hypervisor;

/** The one exception that a {@link Hypervisor} throws. Its message never holds key material. */
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
