package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** How a process may ask a bucket. */
public interface S3Access {
    /** The bucket and the prefix in it as URL, for messages. */
    String name();

    /** PEM of the authorities that alone are trusted; empty: those of the system. */
    Optional<String> caBundle();

    /** @throws BackupStoreException {@link StoreFault#REFUSED} if this process may not ask that */
    URI sign(S3Request request) throws BackupStoreException;

    /** The backups whose indexes this process may read, and that it takes for all there are; empty: it may list the bucket. */
    Optional<List<BackupId>> readable();

    /** The upload that was begun for this process; empty: the store begins one. */
    Optional<BegunUpload> upload(BackupId id, String file);
}
