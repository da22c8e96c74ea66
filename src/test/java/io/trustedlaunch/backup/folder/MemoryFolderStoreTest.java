package io.trustedlaunch.backup.folder;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreContract;
import io.trustedlaunch.backup.StoreFault;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class MemoryFolderStoreTest extends BackupStoreContract {
    private final MemoryDisk disk = new MemoryDisk().marked();

    @Override
    protected BackupStore store() {
        return disk.store();
    }

    @Test
    void aFullDiskAndAFailingOneAreToldApart() throws IOException {
        for (String full : new String[] {"No space left on device", "Disk quota exceeded"}) {
            disk.failAt(1, new IOException(full));
            assertFault(() -> write(ID, PACK, 1), StoreFault.NO_SPACE);
        }
        disk.failAt(1, new IOException("Input/output error"));
        assertFault(() -> write(ID, PACK, 1), StoreFault.FAILED);

        disk.heal();
        write(ID, PACK, 1);
        disk.failAt(1, new IOException("No space left on device"));
        assertFault(() -> store().commit(ID, new byte[] {1}), StoreFault.NO_SPACE);
        disk.heal();
        store().commit(ID, new byte[] {1});
        assertThat(store().index(ID)).hasValue(new byte[] {1});
    }

    /** Else it would be known to need nothing. */
    @Test
    void aBackupThatCannotBeReadIsNotLeftOut() throws IOException {
        write(ID, PACK, 1);
        store().commit(ID, new byte[] {1});
        disk.failReadsOf(BackupFileName.INDEX);

        assertFault(() -> store().backups(ID.vm()), StoreFault.FAILED);
    }
}
