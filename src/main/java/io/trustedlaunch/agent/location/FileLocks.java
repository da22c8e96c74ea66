package io.trustedlaunch.agent.location;

import java.io.IOException;
import java.nio.file.Path;

/** Locks on files, of the kind that QEMU locks disks with: each belongs to an open file, not to a process. */
public interface FileLocks {
    /** A shared lock, until it is closed. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /** Creates the file if it is missing. Any number may hold a lock on it. */
    Held hold(Path file) throws IOException;

    /** Whether somebody has a lock on the file that is seen here. */
    boolean isHeld(Path file) throws IOException;
}
