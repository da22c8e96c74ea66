package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A bucket that answers, or has a problem. */
final class FakeGrants implements RunGrants {
    Optional<Problem> problem = Optional.empty();
    final List<String> sealed = new ArrayList<>();
    final List<String> removed = new ArrayList<>();

    @Override
    public Optional<Problem> problem(BackupLocationSpec location) {
        return problem;
    }

    @Override
    public Result<BackupRunSpec.Envelope> seal(BackupRun run, BackupLocationSpec location, Machine machine) {
        if (problem.isPresent()) {
            return new Result.Refused<>(problem.get());
        }
        sealed.add(run.getMetadata().getUid());
        return new Result.Value<>(
                new BackupRunSpec.Envelope("sealed", Backups.NOW.plus(VALIDITY).toString()));
    }

    @Override
    public Result<BackupRunSpec.Envelope> sealToVerify(StoredBackupRun run, BackupLocationSpec location) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Problem> remove(BackupLocationSpec location, VMBackup backup) {
        if (problem.isEmpty()) {
            removed.add(backup.getStatus().backupUID());
        }
        return problem;
    }

    @Override
    public void removeFiles(BackupRun run, BackupLocationSpec location) {
        removed.add(run.getMetadata().getUid());
    }
}
