package io.trustedlaunch.backup;

import io.trustedlaunch.backup.FileCheck.Place;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The files that the other indexes in a store list, to name a file that is in the wrong place. Those indexes are compared
 * with nothing: they name a damage that is certain already.
 */
final class OtherFiles {
    /** A store with more than this is searched no further, so that a hostile one does not hold up a verification. */
    private static final int MAX_INDEXES = 2_000;

    private final BackupStore store;
    private final BackupChain chain;

    OtherFiles(BackupStore store, BackupChain chain) {
        this.store = store;
        this.chain = chain;
    }

    /** Whether some index lists a file of this length. */
    boolean hasLength(long bytes) throws BackupStoreException {
        return first(file -> file.bytes() == bytes).isPresent();
    }

    /** Finds what a file with these digests is, other than the expected one at this place. */
    Optional<Finding> find(Place place, long bytes, List<String> sha256) throws BackupStoreException {
        return first(file -> file.bytes() == bytes && file.sha256().equals(sha256))
                .map(other ->
                        place.finding(faultOf(place, other), "is " + other.file() + " of " + whose(place, other)));
    }

    private BackupFault faultOf(Place place, Place other) {
        if (!other.id().vm().equals(place.id().vm())) {
            return BackupFault.OF_OTHER_VM;
        }
        return isOfChain(other.backup()) ? BackupFault.SWAPPED : BackupFault.OF_OTHER_CHAIN;
    }

    private static String whose(Place place, Place other) {
        if (!other.id().vm().equals(place.id().vm())) {
            return "backup " + other.backup() + " of VM " + other.id().vm();
        }
        return other.backup().equals(place.backup()) ? "the same backup" : "backup " + other.backup();
    }

    private boolean isOfChain(UUID backup) {
        return chain.indexes().stream().anyMatch(index -> index.backup().equals(backup));
    }

    /** The chain's own files first, then those of this VM, then others'. */
    private Optional<Place> first(Predicate<BackupFile> wanted) throws BackupStoreException {
        for (BackupIndex index : chain.indexes()) {
            Optional<Place> found = in(index, wanted);
            if (found.isPresent()) {
                return found;
            }
        }
        UUID own = chain.wanted().vm();
        Search search = new Search(wanted);
        Optional<Place> found = search.of(own);
        for (UUID vm : store.vms()) {
            if (found.isEmpty() && !vm.equals(own)) {
                found = search.of(vm);
            }
        }
        return found;
    }

    private static Optional<Place> in(BackupIndex index, Predicate<BackupFile> wanted) {
        return index.files().stream().filter(wanted).findFirst().map(file -> new Place(index.id(), file.name()));
    }

    private final class Search {
        private final Predicate<BackupFile> wanted;
        private int read;

        Search(Predicate<BackupFile> wanted) {
            this.wanted = wanted;
        }

        Optional<Place> of(UUID vm) throws BackupStoreException {
            for (BackupStore.Listed listed : store.backups(vm)) {
                BackupId id = new BackupId(vm, listed.backup());
                if (listed.committed() && read++ < MAX_INDEXES) {
                    Optional<Place> found = read(id).flatMap(index -> in(index, wanted));
                    if (found.isPresent()) {
                        return found;
                    }
                }
            }
            return Optional.empty();
        }

        /** Empty for an index that is not one, or in the place of another. */
        private Optional<BackupIndex> read(BackupId id) {
            try {
                return store.index(id).flatMap(bytes -> switch (BackupIndex.parse(bytes)) {
                    case BackupIndex.Opening.Opened(BackupIndex index) ->
                        index.id().equals(id) ? Optional.of(index) : Optional.empty();
                    case BackupIndex.Opening.Refused refused -> Optional.empty();
                });
            } catch (BackupStoreException e) {
                // It names a damage at best, and the damage is reported without it.
                return Optional.empty();
            }
        }
    }
}
