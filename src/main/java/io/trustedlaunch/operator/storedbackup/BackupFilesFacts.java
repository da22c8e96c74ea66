package io.trustedlaunch.operator.storedbackup;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.Action;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.operator.backup.CompletedBackups;
import io.trustedlaunch.operator.backup.MinimumRetention;
import io.trustedlaunch.operator.backup.VerificationRequest;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The facts from which the next step for the files of a backup is planned.
 *
 * @param namespace the operator's own, where runs are
 * @param run that removes or verifies it, whichever is requested
 * @param location of its name
 * @param making name of a VMBackup of the same VM that is being made in the same store
 * @param twin name of another VMBackup with the same files, which is to stay
 * @param others backups of the VM in the same store, of all namespaces
 * @param needed why it stays: the disks of a VM are filled from backups, and may need it
 * @param ready the nodes that can carry a run out
 * @param node the one that should
 * @param minimumRetention of the location
 */
@RecordBuilder
record BackupFilesFacts(
        String namespace,
        VMBackup backup,
        Optional<StoredBackupRun> run,
        Optional<BackupLocation> location,
        Optional<String> making,
        Optional<String> twin,
        List<VMBackup> others,
        Optional<Problem> needed,
        Set<String> ready,
        Optional<String> node,
        MinimumRetention minimumRetention,
        ClusterTime time) {

    Instant now() {
        return time.now();
    }

    /** The damaged backup whose damage this one may have: it was there, and was not read since. */
    Optional<VMBackup> doubted() {
        return backup.isIn(VMBackupStatus.Phase.Completed)
                ? damaged()
                        .filter(other -> CompletedBackups.damage(other)
                                .filter(found -> CompletedBackups.mayHave(found, backup))
                                .isPresent())
                : Optional.empty();
    }

    /** The one that was found damaged last. */
    private Optional<VMBackup> damaged() {
        return others.stream()
                .filter(other -> CompletedBackups.damage(other).isPresent())
                .max(Comparator.comparing(
                        other -> CompletedBackups.damage(other).orElseThrow()));
    }

    /** Since when a pack counts as read for the verification that is requested; empty: everything is to be read. */
    Optional<Instant> countsSince() {
        return backup.pendingVerification().flatMap(VerificationRequest::since);
    }

    /** Empty if nothing is requested, or it cannot be. */
    static Optional<Action> requested(VMBackup backup) {
        if (!backup.hasEnded()) {
            return Optional.empty();
        }
        if (backup.removalRequested()) {
            return Optional.of(Action.Remove);
        }
        return backup.getStatus().result() != null
                        && backup.pendingVerification().isPresent()
                ? Optional.of(Action.Verify)
                : Optional.empty();
    }
}
