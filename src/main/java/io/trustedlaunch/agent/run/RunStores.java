package io.trustedlaunch.agent.run;

import io.trustedlaunch.agent.order.Slots;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunSpec.Envelope;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.Bandwidth;
import io.trustedlaunch.backup.ThrottledStore;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;

/**
 * Opens backup locations for runs, each as the store that the order means: one without its marker is neither read nor written.
 *
 * @param folders opens a folder as the store with an ID
 * @param buckets opens a bucket
 */
public record RunStores(BiFunction<Path, UUID, BackupStore> folders, BucketOpener buckets) {
    /** The place of which a run takes a slot. Buckets of one server are as slow as that. */
    public static String place(BackupRunSpec.Location location) {
        return location.folder() == null ? Slots.server(location.s3()) : location.folder();
    }

    /** @param bytesPerSecond the most that is written and read; empty: there is no limit */
    public BackupStore folder(BackupRunSpec.Location location, Optional<Long> bytesPerSecond) {
        return limited(folders.apply(Path.of(location.folder()), location.storeID()), bytesPerSecond);
    }

    /**
     * The bucket of a run.
     *
     * @param run the VM, and the run's own UID
     * @param bytesPerSecond the most that is written and read; empty: there is no limit
     */
    public BackupStore bucket(
            BackupRunSpec.Location location, BackupId run, Envelope envelope, Optional<Long> bytesPerSecond)
            throws BackupStoreException {
        return limited(buckets.open(run, envelope, location.storeID()), bytesPerSecond);
    }

    private static BackupStore limited(BackupStore store, Optional<Long> bytesPerSecond) {
        return bytesPerSecond
                .<BackupStore>map(
                        limit -> new ThrottledStore(store, new Bandwidth(limit, System::nanoTime, Thread::sleep)))
                .orElse(store);
    }
}
