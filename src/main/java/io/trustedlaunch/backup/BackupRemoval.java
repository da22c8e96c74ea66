package io.trustedlaunch.backup;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Removes backups. A pack goes once no backup of the VM that is in the store needs it, whichever cluster has made that one; what stays
 * for now goes with a later removal.
 *
 * <p>A run that is under way may need the packs of any backup that it has found whole after it had begun. It is listed by then, and
 * while one is, no pack goes; nor if anything has changed while the indexes were read. So no order of events leaves a backup without
 * its packs, and nobody holds a lock. {@code docs/decisions/0101-no-lock-guards-packs.md} has the proof.
 */
public final class BackupRemoval {
    /** The most packs of removed backups that others may need: a bucket lists what it likes. */
    static final int MOST_NEEDED = 100_000;

    private BackupRemoval() {}

    /**
     * Removes a backup, or what a run has left. To be repeated until it returns nothing, from its beginning, also by another
     * process.
     *
     * @return why packs stay that no backup may need any more, as a clause
     * @throws BackupStoreException if the store cannot be reached, or does not remove
     */
    public static Optional<String> remove(BackupStore store, BackupId id) throws BackupStoreException {
        store.removeIndex(id);
        store.removeFiles(id, pack -> true);
        return sweep(store, id.vm());
    }

    private static Optional<String> sweep(BackupStore store, UUID vm) throws BackupStoreException {
        Set<BackupStore.Listed> listed = Set.copyOf(store.backups(vm));
        Map<UUID, Set<String>> needed = new HashMap<>();
        listed.stream()
                .filter(one -> one.state() == BackupStore.State.REMOVED)
                .forEach(one -> needed.put(one.backup(), new HashSet<>()));
        for (BackupStore.Listed one : listed) {
            Optional<String> why = switch (one.state()) {
                case OPEN -> Optional.of("backup " + one.backup() + " of this VM is under way, or was broken off");
                case COMMITTED -> add(store, new BackupId(vm, one.backup()), needed);
                case REMOVED -> Optional.empty();
            };
            if (why.isPresent()) {
                return why;
            }
        }
        // A run that began meanwhile may need what a backup needs that was removed meanwhile.
        if (!Set.copyOf(store.backups(vm)).equals(listed)) {
            return Optional.of("other backups of this VM were made or removed meanwhile");
        }
        for (Map.Entry<UUID, Set<String>> removed : needed.entrySet()) {
            store.removeFiles(new BackupId(vm, removed.getKey()), removed.getValue()::contains);
        }
        return Optional.empty();
    }

    /**
     * Returns why it is not known what a backup needs.
     *
     * @param needed packs of removed backups, by those
     */
    private static Optional<String> add(BackupStore store, BackupId id, Map<UUID, Set<String>> needed)
            throws BackupStoreException {
        Optional<byte[]> bytes = store.index(id);
        if (bytes.isEmpty()) {
            return Optional.of("backup " + id.backup() + " of this VM was removed meanwhile");
        }
        if (BackupIndex.parse(bytes.get()) instanceof BackupIndex.Opening.Opened(BackupIndex index)
                && index.id().equals(id)) {
            index.neededPacks()
                    .filter(pack -> needed.containsKey(pack.backup()))
                    .forEach(pack -> needed.get(pack.backup()).add(pack.file()));
            return needed.values().stream().mapToInt(Set::size).sum() > MOST_NEEDED
                    ? Optional.of("the backups of this VM need more than " + MOST_NEEDED + " packs of removed ones")
                    : Optional.empty();
        }
        return Optional.of("the index of backup " + id.backup()
                + " of this VM is damaged, so that it is not known which packs it needs; remove that backup first");
    }
}
