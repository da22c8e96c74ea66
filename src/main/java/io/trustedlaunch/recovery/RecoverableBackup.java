package io.trustedlaunch.recovery;

import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.Finding;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.Sha256;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A backup in a store that a recovery key or a cluster's backup key opens, for a cluster that has no record of it. What the
 * index, the escrow and the description say fits together; its disks and guest state were not read yet.
 *
 * @param sealedEscrow the file that has the escrow
 */
public record RecoverableBackup(
        BackupRef ref, BackupIndex index, BackupDescription description, Escrow escrow, byte[] sealedEscrow) {

    /**
     * The backups of one VM.
     *
     * @param newestFirst those that can be restored, as far as that is known
     * @param warnings about the others; sentences for people
     */
    public record Search(List<RecoverableBackup> newestFirst, List<String> warnings) {
        public Search {
            newestFirst = List.copyOf(newestFirst);
            warnings = List.copyOf(warnings);
        }
    }

    /** @throws BackupStoreException if the store cannot be reached */
    public static Search search(BackupStore store, UUID vm, EscrowFile file) throws BackupStoreException {
        List<RecoverableBackup> found = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        for (BackupStore.Listed listed : store.backups(vm)) {
            if (listed.committed()) {
                switch (new Reader(store, new BackupId(vm, listed.backup()), file).read()) {
                    case Reading.Usable(RecoverableBackup backup) -> found.add(backup);
                    case Reading.Unusable(String why) ->
                        warnings.add("backup " + listed.backup() + " cannot be used: " + why);
                }
            }
        }
        found.sort(Comparator.comparing(
                        (RecoverableBackup backup) -> backup.description().instant())
                .reversed());
        return new Search(found, warnings);
    }

    private sealed interface Reading {
        record Usable(RecoverableBackup backup) implements Reading {}

        record Unusable(String why) implements Reading {}
    }

    private record Reader(BackupStore store, BackupId id, EscrowFile file) {
        Reading read() throws BackupStoreException {
            byte[] bytes = store.index(id).orElse(new byte[0]);
            return switch (BackupIndex.parse(bytes)) {
                case BackupIndex.Opening.Refused refused -> new Reading.Unusable("its index: " + refused.message());
                case BackupIndex.Opening.Opened(BackupIndex index) ->
                    index.id().equals(id)
                            ? read(index, new BackupRef(id, Sha256.of(bytes)))
                            : new Reading.Unusable(
                                    "its index is that of backup " + index.backup() + " of VM " + index.vm());
            };
        }

        private Reading read(BackupIndex index, BackupRef ref) throws BackupStoreException {
            Optional<BackupFile> listed = index.files().stream()
                    .filter(each -> each.name().equals(file.name()))
                    .findFirst();
            byte[] escrow = store.read(id, file.name(), Escrow.MAX_BYTES + 1).orElse(new byte[0]);
            if (file.indexed() ? listed.isEmpty() : escrow.length == 0) {
                return new Reading.Unusable("it has no " + file.name() + ": " + file.otherwise());
            }
            if (file.indexed() && !isListed(escrow, listed.get())) {
                return new Reading.Unusable(file.name() + " is not the one that its index lists");
            }
            return switch (file.opening().apply(escrow)) {
                case Escrow.Opening.Refused(String message) -> new Reading.Unusable(file.name() + ": " + message);
                case Escrow.Opening.Opened(Escrow opened) -> read(index, ref, opened, escrow);
            };
        }

        private static boolean isListed(byte[] bytes, BackupFile listed) {
            return bytes.length == listed.bytes() && Sha256.of(bytes).equals(listed.sha256());
        }

        private Reading read(BackupIndex index, BackupRef ref, Escrow escrow, byte[] sealed)
                throws BackupStoreException {
            if (!escrow.record().uid().equals(id.vm().toString())
                    || !escrow.key().keyId().equals(index.keyId())) {
                return new Reading.Unusable(file.name() + " is of VM "
                        + escrow.record().uid() + " with key " + escrow.key().keyId() + ", and the backup is under key "
                        + index.keyId());
            }
            try (BackupDescriptionKey opening = escrow.key().backupDescriptionKey(id.vm())) {
                return switch (OpenedBackup.open(store, ref, opening)) {
                    case OpenedBackup.Opening.Unusable(Finding finding) -> new Reading.Unusable(finding.message());
                    case OpenedBackup.Opening.Opened(OpenedBackup opened) ->
                        new Reading.Usable(
                                new RecoverableBackup(ref, opened.index(), opened.description(), escrow, sealed));
                };
            }
        }
    }
}
