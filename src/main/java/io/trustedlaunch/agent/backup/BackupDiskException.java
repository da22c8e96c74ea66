package io.trustedlaunch.agent.backup;

/** The exception of this package. Its message never contains key material. */
public final class BackupDiskException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient BackupDiskFailure failure;

    BackupDiskException(BackupDiskFailure failure) {
        super(failure.message());
        this.failure = failure;
    }

    BackupDiskException(BackupDiskFailure failure, Throwable cause) {
        super(failure.message(), cause);
        this.failure = failure;
    }

    public BackupDiskFailure failure() {
        return failure;
    }
}
