package io.trustedlaunch.backup;

import io.trustedlaunch.custody.Sha256;
import java.util.Optional;

/** Reads the index that is on record of a backup. */
public final class StoredIndex {
    private StoredIndex() {}

    /** The result of a reading. */
    public sealed interface Reading {
        record Whole(BackupIndex index) implements Reading {}

        record Unusable(Finding finding) implements Reading {}
    }

    /** @throws BackupStoreException if the store cannot be reached; what it contains never is an exception */
    public static Reading read(BackupStore store, BackupRef wanted) throws BackupStoreException {
        Optional<byte[]> bytes;
        try {
            bytes = store.index(wanted.id());
        } catch (BackupStoreException e) {
            if (e.fault().isOfTheWholeStore()) {
                throw e;
            }
            return unusable(BackupFault.UNREADABLE, wanted, "cannot be read: " + e.getMessage());
        }
        if (bytes.isEmpty()) {
            return unusable(BackupFault.INDEX_MISSING, wanted, "is missing");
        }
        if (!Sha256.of(bytes.get()).equals(wanted.indexSHA256())) {
            return unusable(BackupFault.INDEX_ALTERED, wanted, "is not the one on record");
        }
        return switch (BackupIndex.parse(bytes.get())) {
            case BackupIndex.Opening.Refused(BackupFault fault, String message) ->
                unusable(fault, wanted, "cannot be used: " + message);
            case BackupIndex.Opening.Opened(BackupIndex index) ->
                index.id().equals(wanted.id())
                        ? new Reading.Whole(index)
                        : unusable(
                                BackupFault.INDEX_MALFORMED,
                                wanted,
                                "is of backup " + index.backup() + " of VM " + index.vm());
        };
    }

    private static Reading unusable(BackupFault fault, BackupRef wanted, String predicate) {
        return new Reading.Unusable(Finding.of(fault, wanted.id(), BackupFileName.INDEX, predicate));
    }
}
