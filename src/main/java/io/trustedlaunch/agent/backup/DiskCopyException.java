package io.trustedlaunch.agent.backup;

/** The exception of this package. Its message never contains key material. */
public final class DiskCopyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient DiskCopyFailure failure;

    DiskCopyException(DiskCopyFailure failure) {
        super(failure.message());
        this.failure = failure;
    }

    DiskCopyException(DiskCopyFailure failure, Throwable cause) {
        super(failure.message(), cause);
        this.failure = failure;
    }

    public DiskCopyFailure failure() {
        return failure;
    }
}
