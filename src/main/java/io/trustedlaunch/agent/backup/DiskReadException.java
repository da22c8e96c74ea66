package io.trustedlaunch.agent.backup;

import java.io.IOException;

/** A disk that is backed up cannot be read from what serves it. */
public final class DiskReadException extends IOException {
    private static final long serialVersionUID = 1L;

    public DiskReadException(String disk, String message) {
        super("cannot read disk " + disk + ": " + message);
    }

    public DiskReadException(String disk, IOException cause) {
        super("cannot read disk " + disk + ": " + cause.getMessage(), cause);
    }
}
