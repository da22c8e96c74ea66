package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.run.RunStores;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import java.util.Optional;

/** Opens the backup locations of runs that are on record. */
record RecordedStores(RunStores stores) {
    /** @param spec empty if the run is no longer wanted */
    BackupStore open(BackupRunRecord record, Optional<BackupRunSpec> spec) throws BackupStoreException {
        Optional<Long> limit = spec.map(BackupRunSpec::bytesPerSecond);
        return record.goesToFolder()
                ? stores.folder(record.location(), limit)
                : stores.bucket(
                        record.location(),
                        record.id(),
                        spec.map(BackupRunSpec::envelope)
                                .orElseThrow(() -> new BackupStoreException(
                                        StoreFault.REFUSED,
                                        "run " + record.run() + " may ask nothing of "
                                                + record.location().place())),
                        limit);
    }
}
