package io.trustedlaunch.backup;

import io.trustedlaunch.backup.BackupIndex.Opening;
import io.trustedlaunch.custody.Sha256;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The backups that one is restored from: a full one, and the changes since in order.
 *
 * @param indexes the full one's first, the wanted one's last; each names the digest of the one before
 */
public record BackupChain(List<BackupIndex> indexes) {
    /** A full one and seven with changes. */
    public static final int MAX_BACKUPS = 8;

    public BackupChain {
        indexes = List.copyOf(indexes);
    }

    /** The result of reading a chain's indexes. */
    public sealed interface Reading {
        record Whole(BackupChain chain) implements Reading {}

        /** @param readable the newest part, up to where the chain breaks; empty if the wanted index is the fault */
        record Broken(Finding finding, BackupChain readable) implements Reading {}
    }

    public BackupIndex wanted() {
        return indexes.getLast();
    }

    /** @throws BackupStoreException if the store cannot be reached; what it contains never is an exception */
    public static Reading read(BackupStore store, BackupRef wanted) throws BackupStoreException {
        return new Reader(store, wanted.id().vm()).read(wanted);
    }

    /** Reads from the wanted index to its parents. */
    private static final class Reader {
        private final BackupStore store;
        private final UUID vm;
        /** The newest last. */
        private final List<BackupIndex> found = new ArrayList<>();

        private final Set<UUID> seen = new HashSet<>();

        Reader(BackupStore store, UUID vm) {
            this.store = store;
            this.vm = vm;
        }

        Reading read(BackupRef wanted) throws BackupStoreException {
            BackupRef next = wanted;
            while (true) {
                Optional<Finding> fault = add(next);
                if (fault.isPresent()) {
                    return new Reading.Broken(fault.get(), new BackupChain(found));
                }
                BackupIndex.Parent parent = found.getFirst().parent();
                if (parent == null) {
                    return new Reading.Whole(new BackupChain(found));
                }
                next = new BackupRef(new BackupId(vm, parent.backup()), parent.indexSHA256());
            }
        }

        private Optional<Finding> add(BackupRef ref) throws BackupStoreException {
            UUID backup = ref.id().backup();
            if (!seen.add(backup)) {
                return fault(BackupFault.CHAIN_LOOP, ref, "it follows from itself");
            }
            if (found.size() == MAX_BACKUPS) {
                return fault(
                        BackupFault.CHAIN_TOO_LONG,
                        ref,
                        "it has a chain of " + MAX_BACKUPS
                                + " others after it already, and no full backup is among them");
            }
            Optional<byte[]> bytes;
            try {
                bytes = store.index(ref.id());
            } catch (BackupStoreException e) {
                if (e.fault().isOfTheWholeStore()) {
                    throw e;
                }
                return fault(BackupFault.UNREADABLE, ref, e.getMessage());
            }
            if (bytes.isEmpty()) {
                return found.isEmpty()
                        ? fault(BackupFault.INDEX_MISSING, ref, "there is no index")
                        : fault(BackupFault.PARENT_MISSING, ref, "there is no index, and " + child() + " needs it");
            }
            Opening opening = BackupIndex.parse(bytes.get());
            if (!Sha256.of(bytes.get()).equals(ref.indexSHA256())) {
                return otherIndex(ref, opening);
            }
            return switch (opening) {
                case Opening.Refused(BackupFault fault, String message) -> fault(fault, ref, message);
                case Opening.Opened(BackupIndex index) -> add(ref, index);
            };
        }

        private Optional<Finding> add(BackupRef ref, BackupIndex index) {
            if (!index.id().equals(ref.id())) {
                return otherIndex(ref, new Opening.Opened(index));
            }
            if (!found.isEmpty() && !index.keyId().equals(found.getFirst().keyId())) {
                return fault(
                        BackupFault.OTHER_KEY,
                        ref,
                        "it is under key " + index.keyId() + ", and " + child() + " under key "
                                + found.getFirst().keyId());
            }
            if (!found.isEmpty() && !index.disks().equals(found.getFirst().disks())) {
                return fault(BackupFault.OTHER_DISKS, ref, "it has other disks than " + child());
            }
            found.addFirst(index);
            return Optional.empty();
        }

        /** An index that is not the expected one: which one is it? */
        private Optional<Finding> otherIndex(BackupRef ref, Opening opening) {
            if (opening instanceof Opening.Opened(BackupIndex index)) {
                if (!index.vm().equals(vm)) {
                    return fault(BackupFault.OF_OTHER_VM, ref, "its index is of VM " + index.vm());
                }
                if (!index.backup().equals(ref.id().backup())) {
                    return fault(BackupFault.SWAPPED, ref, "its index is that of backup " + index.backup());
                }
            }
            return found.isEmpty()
                    ? fault(BackupFault.INDEX_ALTERED, ref, "its index is not the one on record")
                    : fault(BackupFault.PARENT_ALTERED, ref, "its index is not the one that " + child() + " names");
        }

        private String child() {
            return "backup " + found.getFirst().backup();
        }

        private static Optional<Finding> fault(BackupFault fault, BackupRef ref, String clause) {
            UUID backup = ref.id().backup();
            return Optional.of(new Finding(
                    fault,
                    backup,
                    BackupFileName.INDEX,
                    "backup " + backup + " of VM " + ref.id().vm() + " cannot be used: " + clause));
        }
    }
}
