package io.trustedlaunch.operator.vm.facts;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.backup.BackupFiles;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.backup.BackupId;
import java.util.Optional;
import java.util.UUID;

/** The requests that the node of a restore may make to the bucket of the backup. */
public sealed interface RestoreGrant {
    /** @param urls encoded; a secret */
    record Signed(byte[] urls) implements RestoreGrant {
        @Override
        public String toString() {
            return "Signed";
        }
    }

    /** Nothing now. */
    record Refused(Problem problem) implements RestoreGrant {}

    /** The operator's access to buckets. */
    interface Signer {
        /** Why no restore can begin there now. */
        Optional<Problem> problem(S3 bucket);

        /** Signs what is needed to read the backup, and all that it follows from, once the bucket answers. */
        RestoreGrant toRestore(S3 bucket, BackupId wanted, BackupFiles files, UUID restore);
    }
}
