package io.trustedlaunch.operator.backup.s3;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec.Envelope;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.operator.backup.RunGrants;
import io.trustedlaunch.operator.backuplocation.BucketMarkers;
import io.trustedlaunch.operator.vm.facts.RestoreGrants;
import java.util.Optional;
import java.util.UUID;

/** Grants for what is in buckets; while a bucket has not answered, that is the problem, and the pass asks again. */
public final class QueuedGrants implements RunGrants, RestoreGrants, BucketMarkers {
    private final BucketGrants grants;
    private final BucketQueue queue;

    public QueuedGrants(BucketGrants grants, BucketQueue queue) {
        this.grants = grants;
        this.queue = queue;
    }

    @Override
    public Optional<Problem> problem(BackupLocationSpec location) {
        return queue.askForAll(location.s3(), "probe " + location.id(), () -> grants.problem(location))
                .orElseGet(() -> unanswered(location.s3()));
    }

    @Override
    public Result<Envelope> seal(BackupRun run, BackupLocationSpec location, Machine machine) {
        return queue.ask(location.s3(), "seal " + uid(run), () -> grants.seal(run, location, machine))
                .orElseGet(() -> new Result.Refused<>(pending(location.s3())));
    }

    @Override
    public Result<Envelope> sealToVerify(StoredBackupRun run, BackupLocationSpec location) {
        return queue.ask(location.s3(), "verify " + uid(run), () -> grants.sealToVerify(run, location))
                .orElseGet(() -> new Result.Refused<>(pending(location.s3())));
    }

    @Override
    public Optional<Problem> remove(BackupLocationSpec location, VMBackup backup) {
        return queue.ask(
                        location.s3(),
                        "remove " + backup.getStatus().backupUID(),
                        () -> grants.remove(location, backup))
                .orElseGet(() -> unanswered(location.s3()));
    }

    /** Nobody waits for it. */
    @Override
    public void removeFiles(BackupRun run, BackupLocationSpec location) {
        queue.ask(location.s3(), "clear " + uid(run), () -> {
            grants.removeFiles(run, location);
            return true;
        });
    }

    @Override
    public Result<byte[]> toRestore(BackupLocationSpec location, BackupRef wanted, UUID restore) {
        return queue.ask(location.s3(), "restore " + restore, () -> grants.toRestore(location, wanted, restore))
                .orElseGet(() -> new Result.Refused<>(pending(location.s3())));
    }

    @Override
    public Optional<Result<Optional<UUID>>> look(S3 bucket, Optional<UUID> toMake) {
        String what = "marker" + toMake.map(id -> " " + id).orElse("");
        return queue.askForAll(bucket, what, () -> grants.marker(bucket, toMake));
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
