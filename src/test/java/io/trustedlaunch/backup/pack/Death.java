package io.trustedlaunch.backup.pack;

import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.pack.GatedStore.Gate;

/** A process: it dies at one of its calls, before or after the effect. */
public final class Death implements Gate {
    private final boolean isAfter;
    private int left;

    /** @param call the number of it */
    public Death(int call, boolean isAfter) {
        this.left = call;
        this.isAfter = isAfter;
    }

    @Override
    public void before() throws BackupStoreException {
        left--;
        if (left < 0 || (left == 0 && !isAfter)) {
            throw new BackupStoreException(StoreFault.FAILED, "dead");
        }
    }

    @Override
    public void after() throws BackupStoreException {
        if (left <= 0) {
            throw new BackupStoreException(StoreFault.FAILED, "dead");
        }
    }
}
