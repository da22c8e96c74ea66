package io.trustedlaunch.backup;

import io.trustedlaunch.backup.BackupStore.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Compares one stored file with its index, byte for byte, and says what it is if it is not that file. */
final class FileCheck {
    private static final int CHUNK = 1 << 20;
    private static final long GIB = 1L << 30;

    private final BackupStore store;
    private final OtherFiles others;
    private final ReadProgress progress;
    private final byte[] chunk = new byte[CHUNK];

    FileCheck(BackupStore store, OtherFiles others, ReadProgress progress) {
        this.store = store;
        this.others = others;
        this.progress = progress;
    }

    /** @throws BackupStoreException if the store cannot be reached */
    Optional<Finding> check(BackupIndex index, BackupFile file) throws BackupStoreException {
        return check(index, file, bytes -> {});
    }

    /**
     * The same, while the bytes are copied; a copy with a finding is of no use. What the copy throws is thrown on.
     *
     * @param copy gets the bytes in order, and nothing of a file that has another length
     */
    Optional<Finding> check(BackupIndex index, BackupFile file, Consumer<ByteBuffer> copy) throws BackupStoreException {
        Place place = new Place(index.id(), file.name());
        try (StoredObject object = store.open(index.id(), file.name())) {
            return object.bytes() == file.bytes()
                    ? digestsFault(place, file, digests(object, copy))
                    : lengthFault(place, file, object);
        } catch (BackupStoreException e) {
            return switch (e.fault()) {
                case MISSING -> Optional.of(place.finding(BackupFault.FILE_MISSING, "is missing"));
                case UNREACHABLE, REFUSED, EXPIRED -> throw e;
                case EXISTS, COMMITTED, FOREIGN, NO_SPACE, NOT_REMOVABLE, FAILED ->
                    Optional.of(place.finding(BackupFault.UNREADABLE, "cannot be read: " + e.getMessage()));
            };
        } catch (IOException e) {
            return Optional.of(place.finding(BackupFault.UNREADABLE, "cannot be read: " + e.getMessage()));
        }
    }

    private List<String> digests(StoredObject object, Consumer<ByteBuffer> copy) throws IOException {
        BlockDigests digests = new BlockDigests();
        for (long at = 0; at < object.bytes(); at += BlockDigests.BLOCK_BYTES) {
            try (InputStream in = object.range(at, Math.min(BlockDigests.BLOCK_BYTES, object.bytes() - at))) {
                for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                    digests.update(ByteBuffer.wrap(chunk, 0, read));
                    copy.accept(ByteBuffer.wrap(chunk, 0, read));
                    progress.read(read);
                }
            }
        }
        return digests.finish();
    }

    private Optional<Finding> digestsFault(Place place, BackupFile file, List<String> found)
            throws BackupStoreException {
        if (found.equals(file.sha256())) {
            return Optional.empty();
        }
        Optional<Finding> other = others.find(place, file.bytes(), found);
        if (other.isPresent()) {
            return other;
        }
        if (found.size() < file.sha256().size()) {
            return Optional.of(place.finding(BackupFault.TRUNCATED, "ends before the length that its store states"));
        }
        List<Long> altered = new ArrayList<>();
        for (int block = 0; block < found.size(); block++) {
            if (!found.get(block).equals(file.sha256().get(block))) {
                altered.add((long) block * BlockDigests.BLOCK_BYTES);
            }
        }
        long first = altered.getFirst();
        long last = Math.min(altered.getLast() + BlockDigests.BLOCK_BYTES, file.bytes()) - 1;
        return Optional.of(place.finding(
                BackupFault.ALTERED,
                "was altered in GiB " + first / GIB + " (counted from 0): "
                        + (altered.size() == 1 ? "a block" : altered.size() + " blocks") + " between byte " + first
                        + " and byte " + last + " changed since the backup was made"));
    }

    /** Reads a file of another length only if another index lists that length. */
    private Optional<Finding> lengthFault(Place place, BackupFile file, StoredObject object) throws IOException {
        long bytes = object.bytes();
        if (others.hasLength(bytes)) {
            Optional<Finding> other = others.find(place, bytes, digests(object, unused -> {}));
            if (other.isPresent()) {
                return other;
            }
        }
        String lengths = "has " + bytes + " bytes instead of " + file.bytes();
        return Optional.of(
                bytes < file.bytes()
                        ? place.finding(
                                BackupFault.TRUNCATED,
                                lengths + ": it ends in GiB " + bytes / GIB + " (counted from 0)")
                        : place.finding(BackupFault.LONGER, lengths));
    }

    /** A file of a backup, for a finding about it. */
    record Place(BackupId id, String file) {
        UUID backup() {
            return id.backup();
        }

        Finding finding(BackupFault fault, String predicate) {
            return new Finding(
                    fault,
                    id.backup(),
                    file,
                    file + " of backup " + id.backup() + " of VM " + id.vm() + " " + predicate);
        }
    }
}
