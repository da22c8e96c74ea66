package io.trustedlaunch.backup;

import java.io.IOException;

/** A store did not do what it was asked. The message names the object and the cause. */
public final class BackupStoreException extends IOException {
    private static final long serialVersionUID = 1L;

    private final StoreFault fault;

    public BackupStoreException(StoreFault fault, String message) {
        super(message);
        this.fault = fault;
    }

    public BackupStoreException(StoreFault fault, String message, Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    public StoreFault fault() {
        return fault;
    }
}
