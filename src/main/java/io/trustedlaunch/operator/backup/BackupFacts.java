package io.trustedlaunch.operator.backup;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The facts from which a backup is planned.
 *
 * @param namespace the operator's own, where runs are
 * @param vm named by the backup
 * @param incarnation that the run is for; without a run, the VM's current one
 * @param locations all of them, by name
 * @param run of this backup
 * @param others the other VMBackups that name the VM
 * @param made the VMBackups that are of this VM by its identity: it may have had another name
 * @param otherRuns BackupRuns of the VM for other VMBackups, also for deleted ones
 * @param nodeDead the node of the run is proved dead
 * @param latest now by the clock that is ahead, the operator's or the API server's
 */
@RecordBuilder
record BackupFacts(
        String namespace,
        VMBackup backup,
        Optional<TrustedLaunchVM> vm,
        Optional<VMIncarnation> incarnation,
        Map<String, BackupLocation> locations,
        Optional<BackupRun> run,
        List<VMBackup> others,
        List<VMBackup> made,
        List<BackupRun> otherRuns,
        boolean nodeDead,
        Instant now,
        Instant latest) {

    Optional<VMBackupStatus> before() {
        return backup.status();
    }

    /** UID of the run that is on record. */
    Optional<String> recordedRun() {
        return before().map(VMBackupStatus::backupUID);
    }

    /** That the backup names. */
    Optional<BackupLocation> location() {
        return Optional.ofNullable(locations.get(backup.getSpec().locationRef().name()));
    }

    BackupFacts with(BackupRun changed) {
        return BackupFactsBuilder.builder(this).run(Optional.of(changed)).build();
    }
}
