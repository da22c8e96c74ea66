package io.trustedlaunch.backup;

import io.trustedlaunch.backup.BackupStore.StoredObject;
import io.trustedlaunch.custody.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/** Compares stored files with what an index says of them, byte for byte. Not thread-safe. */
public final class FileCheck {
    /** Of one call: the JVM replaces the digest by instructions of the processor between calls, not within one. */
    private static final int PIECE = 64 << 10;

    private final BackupStore store;
    private final ReadProgress progress;
    private final byte[] piece = new byte[PIECE];

    /** @param progress may throw to break a check off */
    public FileCheck(BackupStore store, ReadProgress progress) {
        this.store = store;
        this.progress = progress;
    }

    /**
     * Empty if the file is what was written.
     *
     * @throws BackupStoreException if the store cannot be reached
     */
    public Optional<Finding> check(BackupId id, BackupFile file) throws BackupStoreException {
        return check(id, file, bytes -> {});
    }

    /**
     * The same, while the bytes are copied; a copy with a finding is of no use. What the copy throws is thrown on.
     *
     * @param copy gets the bytes in order, and nothing of a file that has another length
     */
    public Optional<Finding> check(BackupId id, BackupFile file, Consumer<ByteBuffer> copy)
            throws BackupStoreException {
        try (StoredObject object = store.open(id, file.name())) {
            if (object.bytes() != file.bytes()) {
                return finding(
                        object.bytes() < file.bytes() ? BackupFault.TRUNCATED : BackupFault.LONGER,
                        id,
                        file,
                        "has " + object.bytes() + " bytes instead of " + file.bytes());
            }
            return digest(object, copy).equals(file.sha256())
                    ? Optional.empty()
                    : finding(BackupFault.ALTERED, id, file, "is not what was written");
        } catch (BackupStoreException e) {
            return switch (e.fault()) {
                case MISSING -> finding(BackupFault.FILE_MISSING, id, file, "is missing");
                case UNREACHABLE, UNMARKED, REFUSED, EXPIRED -> throw e;
                case EXISTS, COMMITTED, FOREIGN, NO_SPACE, NOT_REMOVABLE, FAILED ->
                    finding(BackupFault.UNREADABLE, id, file, "cannot be read: " + e.getMessage());
            };
        } catch (IOException e) {
            return finding(BackupFault.UNREADABLE, id, file, "cannot be read: " + e.getMessage());
        }
    }

    private String digest(StoredObject object, Consumer<ByteBuffer> copy) throws IOException {
        Sha256 digest = new Sha256();
        try (InputStream in = object.range(0, object.bytes())) {
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                digest.update(ByteBuffer.wrap(piece, 0, read));
                copy.accept(ByteBuffer.wrap(piece, 0, read));
                progress.read(read);
            }
        }
        return digest.hex();
    }

    private static Optional<Finding> finding(BackupFault fault, BackupId id, BackupFile file, String predicate) {
        return Optional.of(Finding.of(fault, id, file.name(), predicate));
    }
}
