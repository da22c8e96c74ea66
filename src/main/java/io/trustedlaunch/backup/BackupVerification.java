package io.trustedlaunch.backup;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads all files and packs of a backup, every byte, and reports each that is not what it was. That needs no key: the index is known
 * by its digest, and has the digests of all else.
 *
 * @param progress may throw to break a verification off
 */
public record BackupVerification(BackupStore store, ReadProgress progress) {
    /** The outcome of a verification. */
    public record Report(List<Finding> findings) {
        public Report {
            findings = List.copyOf(findings);
        }

        /** Whether all is there and unaltered. */
        public boolean whole() {
            return findings.isEmpty();
        }
    }

    /** @throws BackupStoreException if the store cannot be reached, so that nothing is known */
    public Report verify(BackupRef wanted) throws BackupStoreException {
        List<Finding> findings = switch (StoredIndex.read(store, wanted)) {
            case StoredIndex.Reading.Unusable(Finding finding) -> List.of(finding);
            case StoredIndex.Reading.Whole(BackupIndex index) -> files(index);
        };
        if (!findings.isEmpty()) {
            // A store that went away in the middle looks damaged: it is asked once more, and throws.
            store.vms();
        }
        return new Report(findings);
    }

    private List<Finding> files(BackupIndex index) throws BackupStoreException {
        progress.begins(index.bytes());
        FileCheck check = new FileCheck(store, progress);
        List<Finding> findings = new ArrayList<>();
        for (BackupFile file : index.files()) {
            check.check(index.id(), file).ifPresent(findings::add);
        }
        for (BackupIndex.Packs folder : index.packs()) {
            BackupId id = new BackupId(index.vm(), folder.backup());
            for (BackupFile pack : folder.files()) {
                check.check(id, pack).ifPresent(findings::add);
            }
        }
        return findings;
    }
}
