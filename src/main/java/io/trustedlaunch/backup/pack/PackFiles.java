package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStore.NewFile;
import io.trustedlaunch.backup.BackupStore.StoredObject;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.Pack;
import java.util.UUID;

/** The packs of one VM's backups in a store. */
public record PackFiles(BackupStore store, UUID vm) {
    /** For its caller to finish, and close. */
    NewFile create(Pack pack) throws BackupStoreException {
        return store.create(new BackupId(vm, pack.backup()), pack.file());
    }

    /** For its caller to close. */
    StoredObject open(Pack pack) throws BackupStoreException {
        return store.open(new BackupId(vm, pack.backup()), pack.file());
    }
}
