package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** The disks and the store of a history of backups: in memory, or real ones. */
public interface HistoryWorld extends Closeable {
    /** How often a disk has each byte of the one that is played, one after the other; so histories are the same in each world. */
    int scale();

    Disk disk(PlayedDisk played) throws IOException;

    /** What a new disk has after a restore, made as users have it made. */
    byte[] restored(SavedDisk backup) throws IOException;

    BackupStore store();

    /** A store that fails at one of its calls and from then on, until it is {@link #recover recovered}. */
    BackupStore failing(int call);

    void recover(Random random);

    /** Replaces a file as somebody with access to the storage can. Returns what it had. */
    byte[] replace(BackupId id, String file, byte[] content) throws IOException;

    /** Of all that is in the store's folder. */
    Set<String> names() throws IOException;

    /** A disk of a guest. */
    interface Disk {
        void write(Random random) throws IOException;

        /** As it is played. */
        byte[] content();

        /** As by a restore: a record of changes is of no use then. */
        void become(byte[] content) throws IOException;

        /**
         * Fixes an instant. The record of changes is of what is written from then on.
         *
         * @param since the instant before: only what has changed is read; empty to read all
         */
        Instant instant(UUID backup, Optional<UUID> since) throws IOException;
    }

    /** A disk as it was, until it is closed. */
    interface Instant extends Closeable {
        DiskSource source();
    }
}
