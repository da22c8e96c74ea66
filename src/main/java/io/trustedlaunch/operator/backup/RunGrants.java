package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec.Envelope;
import io.trustedlaunch.api.backup.BackupRunSpec.Location;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.operator.vm.facts.RestoreGrants;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Grants the nodes of runs their requests to buckets, and only to those that have their marker. */
public interface RunGrants {
    /** Of what is signed for a run. */
    Duration VALIDITY = RestoreGrants.VALIDITY;

    /** Whether a run is to be given URLs before it begins: each begins with half of the validity left. */
    static boolean areDue(Location location, Envelope envelope, Instant now) {
        return location.lacksUrls(envelope, now.plus(VALIDITY.dividedBy(2)));
    }

    /** Why no run can begin there now. */
    Optional<Problem> problem(BackupLocationSpec location);

    /**
     * Seals to the node of a run what that may ask.
     *
     * @param machine the VM, whose disks are saved
     */
    Result<Envelope> seal(BackupRun run, BackupLocationSpec location, Machine machine);

    /** Seals to the node of a run that verifies a backup what that may read: all that the backup needs. */
    Result<Envelope> sealToVerify(StoredBackupRun run, BackupLocationSpec location);

    /**
     * Removes the files of a backup, its index first; returns what prevents that, {@link io.trustedlaunch.api.Reason#PacksInUse} if
     * some stay for now. It is no error if there is nothing.
     */
    Optional<Problem> remove(BackupLocationSpec location, VMBackup backup);

    /** Removes what a run has left that made no backup. What cannot be removed now stays. */
    void removeFiles(BackupRun run, BackupLocationSpec location);
}
