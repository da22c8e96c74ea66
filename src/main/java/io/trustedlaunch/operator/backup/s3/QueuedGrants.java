package io.trustedlaunch.operator.backup.s3;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupFiles;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec.Envelope;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.operator.backup.RunGrants;
import io.trustedlaunch.operator.vm.facts.RestoreGrants;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Grants for what is in buckets; while a bucket has not answered, that is the problem, and the pass asks again. */
public final class QueuedGrants implements RunGrants, RestoreGrants {
    private final BucketGrants grants;
    private final BucketQueue queue;

    public QueuedGrants(BucketGrants grants, BucketQueue queue) {
        this.grants = grants;
        this.queue = queue;
    }

    @Override
    public Optional<Problem> problem(S3 bucket) {
        return queue.askForAll(bucket, "probe", () -> grants.problem(bucket)).orElseGet(() -> unanswered(bucket));
    }

    @Override
    public Result<Envelope> seal(BackupRun run, S3 bucket, Machine machine) {
        return queue.ask(bucket, "seal " + uid(run), () -> grants.seal(run, bucket, machine))
                .orElseGet(() -> new Result.Refused<>(pending(bucket)));
    }

    @Override
    public Result<Envelope> sealToVerify(StoredBackupRun run, S3 bucket, BackupFiles files, List<String> others) {
        return queue.ask(bucket, "verify " + uid(run), () -> grants.sealToVerify(run, bucket, files, others))
                .orElseGet(() -> new Result.Refused<>(pending(bucket)));
    }

    @Override
    public Optional<Problem> remove(S3 bucket, VMBackup backup) {
        return queue.ask(bucket, "remove " + backup.getStatus().backupUID(), () -> grants.remove(bucket, backup))
                .orElseGet(() -> unanswered(bucket));
    }

    /** Nobody waits for it. */
    @Override
    public void removeFiles(BackupRun run, S3 bucket) {
        queue.ask(bucket, "clear " + uid(run), () -> {
            grants.removeFiles(run, bucket);
            return true;
        });
    }

    @Override
    public Result<byte[]> toRestore(S3 bucket, BackupId wanted, BackupFiles files, UUID restore) {
        return queue.ask(bucket, "restore " + restore, () -> grants.toRestore(bucket, wanted, files, restore))
                .orElseGet(() -> new Result.Refused<>(pending(bucket)));
    }

    private static String uid(HasMetadata run) {
        return run.getMetadata().getUid();
    }

    private static Optional<Problem> unanswered(S3 bucket) {
        return Optional.of(pending(bucket));
    }

    private static Problem pending(S3 bucket) {
        return new Problem(
                Reason.BackupLocationUnavailable,
                bucket.url()
                        + " has not answered yet; it is asked one thing at a time, and this goes on once it answers");
    }
}
