package io.trustedlaunch.backup;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Reads files and packs of a backup, every byte, and reports each that is not what it was. That needs no key: the index is known
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

    /** A pack as an index has it. */
    private record Known(UUID folder, BackupFile pack) {}

    /** Everything, whenever it was read before. */
    public Report verify(BackupRef wanted) throws BackupStoreException {
        return verify(wanted, List.of());
    }

    /**
     * Packs that others need are left out, as the index of the same digest has them. An index that cannot be used is no finding: nothing
     * is left out for it.
     *
     * @param others backups whose packs were read
     * @throws BackupStoreException if the store cannot be reached, so that nothing is known
     */
    public Report verify(BackupRef wanted, List<BackupRef> others) throws BackupStoreException {
        List<Finding> findings = switch (StoredIndex.read(store, wanted)) {
            case StoredIndex.Reading.Unusable(Finding finding) -> List.of(finding);
            case StoredIndex.Reading.Whole(BackupIndex index) -> files(index, known(others));
        };
        if (!findings.isEmpty()) {
            // A store that went away in the middle looks damaged: it is asked once more, and throws.
            store.vms();
        }
        return new Report(findings);
    }

    private Set<Known> known(List<BackupRef> others) throws BackupStoreException {
        Set<Known> known = new HashSet<>();
        for (BackupRef other : others) {
            if (StoredIndex.read(store, other) instanceof StoredIndex.Reading.Whole(BackupIndex index)) {
                packs(index).forEach(known::add);
            }
        }
        return known;
    }

    private static Stream<Known> packs(BackupIndex index) {
        return index.packs().stream()
                .flatMap(folder -> folder.files().stream().map(pack -> new Known(folder.backup(), pack)));
    }

    private List<Finding> files(BackupIndex index, Set<Known> known) throws BackupStoreException {
        List<Known> packs = packs(index).filter(pack -> !known.contains(pack)).toList();
        progress.begins(Stream.concat(index.files().stream(), packs.stream().map(Known::pack))
                .mapToLong(BackupFile::bytes)
                .sum());
        FileCheck check = new FileCheck(store, progress);
        List<Finding> findings = new ArrayList<>();
        for (BackupFile file : index.files()) {
            check.check(index.id(), file).ifPresent(findings::add);
        }
        for (Known pack : packs) {
            check.check(new BackupId(index.vm(), pack.folder()), pack.pack()).ifPresent(findings::add);
        }
        return findings;
    }
}
