package io.trustedlaunch.backup;

import io.trustedlaunch.backup.BackupChain.Reading;
import io.trustedlaunch.custody.BackupDescriptionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a backup and all that it follows from, every byte, and reports each file that is not what it was. That needs no key:
 * the wanted index is known by its digest, and names the digests of all else. With the VM's key, the descriptions are opened
 * too.
 */
public final class BackupVerification {
    private final BackupStore store;
    private final ReadProgress progress;

    /** @param progress may throw to break a verification off */
    public BackupVerification(BackupStore store, ReadProgress progress) {
        this.store = store;
        this.progress = progress;
    }

    /** @param backups the number whose files were read, the wanted one's included */
    public record Report(int backups, List<Finding> findings) {
        public Report {
            findings = List.copyOf(findings);
        }

        /** Whether all is there and unaltered, back to a full backup. */
        public boolean whole() {
            return findings.isEmpty();
        }
    }

    /** @throws BackupStoreException if the store cannot be reached, so that nothing is known */
    public Report verify(BackupRef wanted) throws BackupStoreException {
        return verify(wanted, Optional.empty());
    }

    /**
     * @param key the VM's
     * @throws BackupStoreException if the store cannot be reached, so that nothing is known
     */
    public Report verify(BackupRef wanted, BackupDescriptionKey key) throws BackupStoreException {
        return verify(wanted, Optional.of(key));
    }

    private Report verify(BackupRef wanted, Optional<BackupDescriptionKey> key) throws BackupStoreException {
        List<Finding> findings = new ArrayList<>();
        BackupChain chain = switch (BackupChain.read(store, wanted)) {
            case Reading.Whole(BackupChain whole) -> whole;
            case Reading.Broken(Finding finding, BackupChain readable) -> {
                findings.add(finding);
                yield readable;
            }
        };
        progress.begins(chain.indexes().stream()
                .flatMap(index -> index.files().stream())
                .mapToLong(BackupFile::bytes)
                .sum());
        FileCheck check = new FileCheck(store, new OtherFiles(store, chain), progress);
        for (BackupIndex index : chain.indexes()) {
            findings.addAll(files(index, check, key));
        }
        if (!findings.isEmpty()) {
            // A store that went away in the middle looks damaged: it is asked once more, and throws.
            store.vms();
        }
        return new Report(chain.indexes().size(), findings);
    }

    private List<Finding> files(BackupIndex index, FileCheck check, Optional<BackupDescriptionKey> key)
            throws BackupStoreException {
        List<Finding> findings = new ArrayList<>();
        for (BackupFile file : index.files()) {
            Optional<Finding> finding = check.check(index, file);
            if (finding.isEmpty() && key.isPresent() && file.name().equals(BackupFileName.DESCRIPTION)) {
                finding = description(index, key.get());
            }
            finding.ifPresent(findings::add);
        }
        return findings;
    }

    private Optional<Finding> description(BackupIndex index, BackupDescriptionKey key) throws BackupStoreException {
        // It was there a moment ago; if it is gone, it does not open.
        byte[] sealed = store.read(index.id(), BackupFileName.DESCRIPTION, SealedDescription.MAX_BYTES + 1)
                .orElse(new byte[0]);
        return switch (SealedDescription.open(sealed, index, key)) {
            case SealedDescription.Opening.Opened opened -> Optional.empty();
            case SealedDescription.Opening.Refused(BackupFault fault, String message) ->
                Optional.of(new FileCheck.Place(index.id(), BackupFileName.DESCRIPTION)
                        .finding(fault, "cannot be used: " + message));
        };
    }
}
