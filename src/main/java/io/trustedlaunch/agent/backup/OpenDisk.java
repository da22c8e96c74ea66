package io.trustedlaunch.agent.backup;

import io.trustedlaunch.backup.pack.DiskSource;

/**
 * A disk that can be read, for its caller to close.
 *
 * @param end ends what serves it
 */
public record OpenDisk(DiskSource source, Runnable end) implements AutoCloseable {
    @Override
    public void close() {
        end.run();
    }
}
