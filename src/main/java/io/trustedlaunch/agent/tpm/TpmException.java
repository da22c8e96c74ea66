package io.trustedlaunch.agent.tpm;

/** What everything in this package throws. Its message never holds key material. */
public final class TpmException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient TpmFailure failure;

    public TpmException(TpmFailure failure) {
        super(failure.message());
        this.failure = failure;
    }

    public TpmException(TpmFailure failure, Throwable cause) {
        super(failure.message(), cause);
        this.failure = failure;
    }

    public TpmFailure failure() {
        return failure;
    }
}
