package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupFiles;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.backup.BackupId;
import java.util.Optional;
import java.util.UUID;

/** The requests that the nodes of restores may make to the buckets of backups. */
public interface RestoreGrants {
    /** Why no restore can begin there now. */
    Optional<Problem> problem(BackupLocationSpec location);

    /** What is needed to read the backup, and all that it follows from: URLs, encoded, which are a secret. */
    Result<byte[]> toRestore(BackupLocationSpec location, BackupId wanted, BackupFiles files, UUID restore);
}
