package io.trustedlaunch.backup;

/** Follows a reading of backups. Either method may throw to break it off. */
@FunctionalInterface
public interface ReadProgress {
    /** @param bytes that all of it has, as its indexes say; called once, before any is read */
    default void begins(long bytes) {}

    /** @param bytes that were read since the last call */
    void read(long bytes);
}
