package io.trustedlaunch.operator.vm.facts;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.custody.ProtectionKey;
import java.time.Duration;
import java.util.Optional;

/**
 * The facts, besides the VM, from which a restore of it from one of its backups is planned.
 *
 * @param backup named by the spec, of the VM's namespace; read only while a restore is to begin, or disks are to be copied
 * @param location of that backup
 * @param run of the restore that is on record and has not ended
 * @param grant what the node may ask of a bucket: while a restore is to begin, only if there is a problem; then while it has no run
 * @param copied the key of the VM whose disks are copied, from its Secret or from the escrow of the backup; it opens that VM's
 *     backups for the node that copies, and is never the copy's own. Read only while a copy is to begin, or has no run
 * @param escrow of the backup, if the VM is taken over without a key
 * @param again how long disks are not copied yet, since that has just failed
 */
@RecordBuilder
public record RestoreFacts(
        Optional<VMBackup> backup,
        Optional<BackupLocation> location,
        Optional<RestoreRun> run,
        Optional<Result<byte[]>> grant,
        Optional<Result<ProtectionKey>> copied,
        EscrowFacts escrow,
        Optional<Duration> again) {
    public static final RestoreFacts NONE = new RestoreFacts(Optional.empty(), Optional.empty(), Optional.empty());

    /** The facts without a bucket, or any problem with it. */
    public RestoreFacts(Optional<VMBackup> backup, Optional<BackupLocation> location, Optional<RestoreRun> run) {
        this(backup, location, run, Optional.empty(), Optional.empty(), new EscrowFacts.None(), Optional.empty());
    }

    /** The run that was created for the restore; another one of its name is about to be removed. */
    public Optional<RestoreRun> runOf(VmObject vm, Restore restore) {
        return run.filter(found -> found.getSpec().isFor(vm.resource(), restore));
    }

    /** Why the bucket cannot be used now. */
    public Optional<Problem> bucketProblem() {
        return grant.flatMap(Result::refusal);
    }
}
