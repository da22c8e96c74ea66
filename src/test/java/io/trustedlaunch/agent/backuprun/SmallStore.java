package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import java.io.InputStream;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Predicate;

/** A store that says how little room it has. */
record SmallStore(BackupStore store, long bytes) implements BackupStore {
    @Override
    public OptionalLong room() {
        return OptionalLong.of(bytes);
    }

    @Override
    public void begin(BackupId id) throws BackupStoreException {
        store.begin(id);
    }

    @Override
    public void write(BackupId id, String name, InputStream content, long length) throws BackupStoreException {
        store.write(id, name, content, length);
    }

    @Override
    public NewFile create(BackupId id, String name) throws BackupStoreException {
        return store.create(id, name);
    }

    @Override
    public void commit(BackupId id, byte[] index) throws BackupStoreException {
        store.commit(id, index);
    }

    @Override
    public void replaceClusterEscrow(BackupId id, byte[] escrow) throws BackupStoreException {
        store.replaceClusterEscrow(id, escrow);
    }

    @Override
    public StoredObject open(BackupId id, String name) throws BackupStoreException {
        return store.open(id, name);
    }

    @Override
    public List<UUID> vms() throws BackupStoreException {
        return store.vms();
    }

    @Override
    public List<Listed> backups(UUID vm) throws BackupStoreException {
        return store.backups(vm);
    }

    @Override
    public void removeIndex(BackupId id) throws BackupStoreException {
        store.removeIndex(id);
    }

    @Override
    public void removeFiles(BackupId id, Predicate<String> kept) throws BackupStoreException {
        store.removeFiles(id, kept);
    }
}
