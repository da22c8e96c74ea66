package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.SegmentRef;
import java.io.IOException;

/** A pack is not what was written. The message names it. */
public final class DamagedPackException extends IOException {
    private static final long serialVersionUID = 1L;

    private final BackupFault fault;

    /** @param predicate what is wrong, after the name of the pack */
    DamagedPackException(BackupFault fault, SegmentRef at, String predicate) {
        super(at.file() + " of backup " + at.backup() + " " + predicate);
        this.fault = fault;
    }

    public BackupFault fault() {
        return fault;
    }
}
