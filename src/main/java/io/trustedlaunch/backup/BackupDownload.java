package io.trustedlaunch.backup;

import io.trustedlaunch.backup.BackupChain.Reading;
import io.trustedlaunch.custody.BackupDescriptionKey;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Copies what a restore needs out of a store: the disks of the wanted backup and of all that it follows from, and its guest
 * state. Every byte is compared with the indexes while it is copied, and the wanted index with its digest on record; so a copy
 * equals what was saved, or nothing is returned that could be used.
 */
public final class BackupDownload {
    private final BackupStore store;
    private final ReadProgress progress;

    /** @param progress may throw to break a download off */
    public BackupDownload(BackupStore store, ReadProgress progress) {
        this.store = store;
        this.progress = progress;
    }

    /** Where the copies go. */
    public interface Target {
        /** A new file for the copy, which is closed when all bytes were written. */
        OutputStream create(BackupId backup, String file) throws IOException;

        /** Called before anything is copied; may throw to refuse the backup. */
        default void opened(BackupDescription description) {}
    }

    /** The outcome of a download. */
    public sealed interface Result {
        /** All copies equal what was saved. */
        record Whole(BackupChain chain, BackupDescription description) implements Result {}

        /** The copies are of no use. */
        record Damaged(Finding finding) implements Result {}
    }

    /**
     * Ends at the first damage.
     *
     * @param key the VM's
     * @throws BackupStoreException if the store cannot be reached
     * @throws UncheckedIOException if a copy cannot be written
     */
    public Result download(BackupRef wanted, BackupDescriptionKey key, Target target) throws BackupStoreException {
        return switch (BackupChain.read(store, wanted)) {
            case Reading.Broken(Finding finding, BackupChain readable) -> new Result.Damaged(finding);
            case Reading.Whole(BackupChain chain) -> download(chain, key, target);
        };
    }

    private Result download(BackupChain chain, BackupDescriptionKey key, Target target) throws BackupStoreException {
        SealedDescription.Opening opening = description(chain.wanted(), key);
        if (opening instanceof SealedDescription.Opening.Refused(BackupFault fault, String message)) {
            return new Result.Damaged(new FileCheck.Place(chain.wanted().id(), BackupFileName.DESCRIPTION)
                    .finding(fault, "cannot be used: " + message));
        }
        BackupDescription description = ((SealedDescription.Opening.Opened) opening).description();
        target.opened(description);
        progress.begins(chain.indexes().stream()
                .flatMap(index -> needed(chain, index).stream())
                .mapToLong(BackupFile::bytes)
                .sum());
        FileCheck check = new FileCheck(store, new OtherFiles(store, chain), progress);
        for (BackupIndex index : chain.indexes()) {
            for (BackupFile file : needed(chain, index)) {
                Optional<Finding> finding = copy(check, index, file, target);
                if (finding.isPresent()) {
                    return new Result.Damaged(finding.get());
                }
            }
        }
        return new Result.Whole(chain, description);
    }

    /** It binds the index, so that its own digest need not be compared. */
    private SealedDescription.Opening description(BackupIndex index, BackupDescriptionKey key)
            throws BackupStoreException {
        byte[] sealed = store.read(index.id(), BackupFileName.DESCRIPTION, SealedDescription.MAX_BYTES + 1)
                .orElse(new byte[0]);
        return SealedDescription.open(sealed, index, key);
    }

    private static List<BackupFile> needed(BackupChain chain, BackupIndex index) {
        boolean isWanted = index.equals(chain.wanted());
        return index.files().stream()
                .filter(file -> BackupFileName.isDisk(file.name())
                        || (isWanted && file.name().equals(BackupFileName.GUEST_STATE)))
                .toList();
    }

    private static Optional<Finding> copy(FileCheck check, BackupIndex index, BackupFile file, Target target)
            throws BackupStoreException {
        try (OutputStream copy = target.create(index.id(), file.name())) {
            return check.check(index, file, bytes -> write(copy, bytes));
        } catch (BackupStoreException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(OutputStream copy, ByteBuffer bytes) {
        try {
            copy.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
