package io.trustedlaunch.agent.backuprun.record;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec.Location;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.backup.BackupId;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * The agent's record of a run from before it touches anything until its end is reported.
 *
 * @param run its UID, which names its checkpoint, its folder for scratch files and its backup
 * @param epoch of the incarnation
 * @param storage the VM's storage location, as a path; empty: it is not known, and there are no scratch files
 * @param location of the backup, with the ID of the store that is meant
 * @param pausing the guest may stand still because the run has paused it
 * @param freezing the guest's file systems may be frozen because the run has frozen them
 * @param result of the backup, which may be committed; empty: it is not
 * @param problem why the run has failed; empty: it has not, or the agent died
 */
@RecordBuilder
public record BackupRunRecord(
        UUID run,
        UUID vm,
        long epoch,
        Optional<String> storage,
        Location location,
        boolean pausing,
        boolean freezing,
        Optional<BackupResult> result,
        Optional<Problem> problem) {

    public static BackupRunRecord of(BackupRun run, Optional<VMIncarnation> incarnation) {
        return BackupRunRecordBuilder.builder()
                .run(uid(run))
                .vm(UUID.fromString(run.getSpec().vmRef().uid()))
                .epoch(run.getSpec().epoch())
                .storage(incarnation.map(
                        known -> known.getSpec().machineNow().location().path()))
                .location(run.getSpec().location())
                .build();
    }

    public static UUID uid(BackupRun run) {
        return UUID.fromString(run.getMetadata().getUid());
    }

    public BackupId id() {
        return new BackupId(vm, run);
    }

    /** Otherwise in a bucket. */
    public boolean goesToFolder() {
        return location.folder() != null;
    }

    public String checkpoint() {
        return run.toString();
    }

    public Optional<VmFolder> folder() {
        return storage.map(location -> new VmFolder(Path.of(location), vm));
    }

    public BackupRunRecord withPausing(boolean now) {
        return BackupRunRecordBuilder.builder(this).pausing(now).build();
    }

    public BackupRunRecord withFreezing(boolean now) {
        return BackupRunRecordBuilder.builder(this).freezing(now).build();
    }

    public BackupRunRecord withResult(BackupResult saved) {
        return BackupRunRecordBuilder.builder(this).result(Optional.of(saved)).build();
    }

    public BackupRunRecord withProblem(Problem failure) {
        return BackupRunRecordBuilder.builder(this)
                .problem(Optional.of(failure))
                .build();
    }
}
