package io.trustedlaunch.agent.restorerun;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.run.BucketOpener;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.backup.s3.GrantedAccess;
import io.trustedlaunch.backup.s3.S3Store;
import java.nio.file.Path;

/** Opens the folder or bucket that a backup is in, as the store that the order means. */
@FunctionalInterface
public interface RestoreStores {
    /**
     * @param grant what this node may ask of the bucket; empty for a folder
     * @throws RefusedException if it cannot be used
     */
    BackupStore open(BackupRunSpec.Location location, byte[] grant) throws BackupStoreException;

    static BackupStore opened(BackupRunSpec.Location location, byte[] grant) throws BackupStoreException {
        return location.folder() != null
                ? new FolderStore(Path.of(location.folder()), location.storeID())
                : new S3Store(access(grant), location.storeID(), BucketOpener.RETRIES);
    }

    private static GrantedAccess access(byte[] grant) {
        try {
            return GrantedAccess.decode(grant);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(Reason.EnvelopeRefused, e.getMessage(), e);
        }
    }
}
