package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.BackupLocationSpec;
import io.trustedlaunch.api.BackupResult;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.Problem;

/** What is due for a backup. */
sealed interface BackupStep {
    /** It waits. */
    record Pending(Problem problem) implements BackupStep {}

    /** Its run is created. */
    record Begin(BackupRun run) implements BackupStep {}

    /** Its run gets what its node may ask of the location's bucket, or gets that anew. */
    record Seal(BackupRun run, BackupLocationSpec.S3 bucket) implements BackupStep {}

    /** Its run is being carried out. */
    record Running(BackupRun run) implements BackupStep {}

    /** Its run has made it. */
    record Complete(BackupRun run, BackupResult result) implements BackupStep {}

    /** It will not be made. */
    record Fail(Problem problem) implements BackupStep {}

    /** It had ended before, and its status is final. */
    record Ended() implements BackupStep {}
}
