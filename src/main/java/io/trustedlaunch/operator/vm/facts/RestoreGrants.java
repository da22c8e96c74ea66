package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.backup.BackupRef;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** The requests that the nodes of restores may make to the buckets of backups. */
public interface RestoreGrants {
    /** Of what is signed. */
    Duration VALIDITY = Duration.ofHours(24);

    /** Why no restore can begin there now. */
    Optional<Problem> problem(BackupLocationSpec location);

    /** What is needed to read all that the backup needs: URLs, encoded, which are a secret. */
    Result<byte[]> toRestore(BackupLocationSpec location, BackupRef wanted, UUID restore);
}
