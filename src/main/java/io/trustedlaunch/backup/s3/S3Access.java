package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import java.net.URI;
import java.util.Optional;
import java.util.UUID;

/** How a process may ask a bucket. */
public interface S3Access {
    /** The bucket and the prefix in it as URL, for messages. */
    String name();

    /** PEM of the authorities that alone are trusted; empty: those of the system. */
    Optional<String> caBundle();

    /** @throws BackupStoreException {@link StoreFault#REFUSED} if this process may not ask that */
    URI sign(S3Request request) throws BackupStoreException;

    /** The VM that alone this process knows of; empty: it may list the bucket. */
    Optional<UUID> onlyVm();
}
