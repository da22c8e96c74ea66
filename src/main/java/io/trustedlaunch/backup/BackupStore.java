package io.trustedlaunch.backup;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Where backups are kept: objects that are written once, in order, and an index that makes them a backup. Each method can be
 * repeated after a crash. Names are those of {@link BackupFileName}; others are an {@link IllegalArgumentException}.
 *
 * <p>Nothing that it returns is trusted: the store's administrator can put anything there.
 */
public interface BackupStore {
    /** A file being read; the same one until it is closed, even if another is put in its place. */
    interface StoredObject extends Closeable {
        long bytes();

        /** Reads at most {@code length} bytes from an offset; fewer only if the object ends before. */
        InputStream range(long offset, long length) throws BackupStoreException;

        @Override
        void close() throws BackupStoreException;
    }

    /** A file being written. It is there, and survives a power cut of the store, once it is finished. */
    interface NewFile extends Closeable {
        /** Appends all that remains of the buffer. */
        void write(ByteBuffer bytes) throws IOException;

        void finish() throws BackupStoreException;

        /** What was written stays until the run's files are removed, unless it was finished. */
        @Override
        void close() throws BackupStoreException;
    }

    /** How far a backup is. */
    enum State {
        /** A run makes it, or was broken off. */
        OPEN,
        /** It has an index. */
        COMMITTED,
        /** It cannot be committed any more; of its packs those are there that others need, or that are not removed yet. */
        REMOVED
    }

    record Listed(UUID backup, State state) {
        public boolean committed() {
            return state == State.COMMITTED;
        }
    }

    /** Bytes that can be written now; empty if the store does not say. */
    default OptionalLong room() throws BackupStoreException {
        return OptionalLong.empty();
    }

    /** From here on the run is listed, which keeps what it may need of other backups. To repeat it is no error. */
    void begin(BackupId id) throws BackupStoreException;

    /**
     * Writes a file other than the index. It survives a power cut of the store when this returns; what
     * was written of it otherwise may stay until the run's files are removed. {@link StoreFault#EXISTS} if it is there.
     *
     * @param content read to its end, not closed
     * @param bytes that content has; another number is an error
     */
    void write(BackupId id, String name, InputStream content, long bytes) throws BackupStoreException;

    /**
     * Begins a file of which the length is not known yet, for its caller to close. {@link StoreFault#EXISTS} if it is there, at the
     * latest when it is finished.
     */
    NewFile create(BackupId id, String name) throws BackupStoreException;

    /**
     * Makes the files a backup: its index appears whole, and survives a power cut when this returns. To repeat it with
     * the same bytes is no error; {@link StoreFault#EXISTS} if there is another index.
     */
    void commit(BackupId id, byte[] index) throws BackupStoreException;

    /** Replaces {@code cluster.escrow}, the one file that can change; it is always whole. */
    void replaceClusterEscrow(BackupId id, byte[] escrow) throws BackupStoreException;

    StoredObject open(BackupId id, String name) throws BackupStoreException;

    /** The VMs that have something here, in no order. */
    List<UUID> vms() throws BackupStoreException;

    /**
     * The backups of a VM that are there, in no order; empty if there are none. All that had begun before the call are among them; what
     * cannot be read is an exception, and not left out.
     */
    List<Listed> backups(UUID vm) throws BackupStoreException;

    /**
     * The backup is none any more; its files stay. It is no error if there is no index, and what is removed already stays so: it cannot be
     * committed.
     */
    void removeIndex(BackupId id) throws BackupStoreException;

    /**
     * Removes what is there of a run without an index, which can then not be committed any more; {@link StoreFault#COMMITTED} if it
     * has one. While something is kept it is listed as removed. It is no error if there is nothing.
     *
     * @param kept names of packs that stay
     */
    void removeFiles(BackupId id, Predicate<String> kept) throws BackupStoreException;

    /** Removes all that is there of a run that no other backup can need. */
    default void removeFiles(BackupId id) throws BackupStoreException {
        removeFiles(id, name -> false);
    }

    /** A small file as a whole, or its first {@code limit} bytes; empty if it is missing. */
    default Optional<byte[]> read(BackupId id, String name, int limit) throws BackupStoreException {
        try (StoredObject object = open(id, name);
                InputStream in = object.range(0, limit)) {
            return Optional.of(in.readNBytes(limit));
        } catch (BackupStoreException e) {
            if (e.fault() == StoreFault.MISSING) {
                return Optional.empty();
            }
            throw e;
        } catch (IOException e) {
            throw new BackupStoreException(
                    StoreFault.FAILED, "cannot read " + name + " of backup " + id.backup() + ": " + e.getMessage(), e);
        }
    }

    /** The index, not yet compared with anything; one byte more than an index can have if it is larger. */
    default Optional<byte[]> index(BackupId id) throws BackupStoreException {
        return read(id, BackupFileName.INDEX, BackupIndex.MAX_BYTES + 1);
    }
}
