package io.trustedlaunch.agent.tpm;

/** The exception of this package. Its message never contains key material. */
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
