package io.trustedlaunch.backup;

import io.trustedlaunch.backup.StoredIndex.Reading;
import io.trustedlaunch.custody.BackupDescriptionKey;

/** A backup whose index is the one on record, and whose description opens with the VM's key. */
public record OpenedBackup(BackupIndex index, BackupDescription description) {
    /** The result of opening. */
    public sealed interface Opening {
        record Opened(OpenedBackup backup) implements Opening {}

        record Unusable(Finding finding) implements Opening {}
    }

    /** @throws BackupStoreException if the store cannot be reached; what it contains never is an exception */
    public static Opening open(BackupStore store, BackupRef wanted, BackupDescriptionKey key)
            throws BackupStoreException {
        return switch (StoredIndex.read(store, wanted)) {
            case Reading.Unusable(Finding finding) -> new Opening.Unusable(finding);
            case Reading.Whole(BackupIndex index) -> described(store, index, key);
        };
    }

    private static Opening described(BackupStore store, BackupIndex index, BackupDescriptionKey key)
            throws BackupStoreException {
        byte[] sealed = store.read(index.id(), BackupFileName.DESCRIPTION, SealedDescription.MAX_BYTES + 1)
                .orElse(new byte[0]);
        return switch (SealedDescription.open(sealed, index, key)) {
            case SealedDescription.Opening.Opened(BackupDescription description) ->
                new Opening.Opened(new OpenedBackup(index, description));
            case SealedDescription.Opening.Refused(BackupFault fault, String message) ->
                new Opening.Unusable(
                        Finding.of(fault, index.id(), BackupFileName.DESCRIPTION, "cannot be used: " + message));
        };
    }
}
