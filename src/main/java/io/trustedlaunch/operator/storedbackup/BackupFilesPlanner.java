package io.trustedlaunch.operator.storedbackup;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.Action;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.AlreadyRead;
import io.trustedlaunch.api.backup.StoredBackupRunSpecBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.operator.backup.CompletedBackups;
import io.trustedlaunch.operator.backup.RunGrants;
import io.trustedlaunch.operator.backuplocation.BackupLocationChecks;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plans the one step that is due for the files of a backup that has ended. A removal goes before a verification. Pure. */
final class BackupFilesPlanner {
    /** A location that is away is asked again after this, for as long as it takes. */
    static final Duration AGAIN = Duration.ofMinutes(5);

    private final BackupFilesFacts facts;
    private final VMBackup backup;

    private BackupFilesPlanner(BackupFilesFacts facts) {
        this.facts = facts;
        this.backup = facts.backup();
    }

    static BackupFilesStep plan(BackupFilesFacts facts) {
        return BackupFilesFacts.requested(facts.backup())
                .map(action -> new BackupFilesPlanner(facts).step(action))
                .or(() -> facts.doubted().map(BackupFilesStep.Doubted::new))
                .orElseGet(BackupFilesStep.Idle::new);
    }

    private BackupFilesStep step(Action action) {
        return switch (action) {
            case Remove -> removal();
            case Verify -> verification();
        };
    }

    private BackupFilesStep removal() {
        VMBackupStatus status = backup.getStatus();
        if (status.backupUID() == null) {
            // It has never begun, and has no files.
            return new BackupFilesStep.Delete();
        }
        Optional<Problem> retained = facts.minimumRetention().problem(backup, facts.time());
        if (status.phase() != Phase.Removing) {
            return protection()
                    .or(() -> retained)
                    .or(this::reasonToKeep)
                    .<BackupFilesStep>map(BackupFilesStep.KeepWaiting::new)
                    .orElseGet(() -> new BackupFilesStep.Removing(Optional.empty()));
        }
        if (retained.isPresent()
                && facts.run().filter(run -> run.phase() == RunPhase.Completed).isEmpty()) {
            // The location's time was made longer meanwhile.
            return facts.run()
                    .<BackupFilesStep>map(BackupFilesStep.Discard::new)
                    .orElseGet(() -> new BackupFilesStep.Removing(retained));
        }
        if (bucket().isPresent()) {
            return reasonToKeep()
                    .<BackupFilesStep>map(problem -> new BackupFilesStep.Removing(Optional.of(problem)))
                    .orElseGet(() -> new BackupFilesStep.RemoveFromBucket(bucket().get()));
        }
        if (facts.run().isEmpty()) {
            Optional<Problem> problem = reasonToKeep().or(this::noNode);
            return problem.isPresent()
                    ? new BackupFilesStep.Removing(problem)
                    : new BackupFilesStep.Create(run(Action.Remove));
        }
        StoredBackupRun run = facts.run().get();
        if (!isOfThis(run, Action.Remove) || isStale(run)) {
            return new BackupFilesStep.Discard(run);
        }
        return switch (run.phase()) {
            case Completed -> new BackupFilesStep.Delete();
            case Running -> new BackupFilesStep.Removing(Optional.empty());
            case Failed -> new BackupFilesStep.Removing(Optional.of(reported(run)));
        };
    }

    private BackupFilesStep verification() {
        if (facts.run().isEmpty()) {
            Optional<Problem> problem = locationProblem().or(this::noNode);
            return problem.isPresent()
                    ? new BackupFilesStep.Verifying(problem)
                    : new BackupFilesStep.Create(run(Action.Verify));
        }
        StoredBackupRun run = facts.run().get();
        boolean isDamage = run.phase() == RunPhase.Failed
                && run.getStatus().knownReason().equals(Optional.of(Reason.BackupDamaged));
        boolean isOver = isDamage || run.phase() == RunPhase.Completed;
        if (!isOfThis(run, Action.Verify) || (isOver ? !run.getSpec().reachesItsLocation() : isStale(run))) {
            return new BackupFilesStep.Discard(run);
        }
        return switch (run.phase()) {
            case Completed -> new BackupFilesStep.Verified(Optional.empty());
            case Running ->
                RunGrants.areDue(run.getSpec().location(), run.getSpec().envelope(), facts.now())
                        ? sealed(run)
                        : new BackupFilesStep.Verifying(Optional.empty());
            case Failed ->
                isDamage
                        ? new BackupFilesStep.Verified(Optional.of(message(run)))
                        : new BackupFilesStep.Verifying(Optional.of(reported(run)));
        };
    }

    /** A run that has begun needs it, too: an agent that was restarted begins anew. */
    private BackupFilesStep sealed(StoredBackupRun run) {
        // A location that was replaced is a problem of its own.
        return locationProblem()
                .<BackupFilesStep>map(problem -> new BackupFilesStep.Verifying(Optional.of(problem)))
                .orElseGet(() -> new BackupFilesStep.Seal(run, bucket().orElseThrow()));
    }

    /** Once files are being removed, it is too late. */
    private Optional<Problem> protection() {
        return backup.hasProtection()
                ? Optional.of(new Problem(
                        Reason.BackupProtected,
                        "the annotation " + Api.PROTECTED_BACKUP + " protects it: take that away first, with kubectl"
                                + " annotate vmbackup " + backup.getMetadata().getName() + " "
                                + Api.PROTECTED_BACKUP + "-"))
                : Optional.empty();
    }

    private Optional<Problem> reasonToKeep() {
        return sharing().or(facts::needed).or(this::making).or(this::locationProblem);
    }

    /** Its files might have to stay for that one: it is removed in one go afterwards. */
    private Optional<Problem> making() {
        return facts.making()
                .map(making -> new Problem(
                        Reason.RemovalPending,
                        "VMBackup " + making
                                + " of the same VM is being made: the files are removed once that has ended"));
    }

    private Optional<Problem> sharing() {
        return facts.twin()
                .map(twin -> new Problem(
                        Reason.BackupShared,
                        "VMBackup " + twin
                                + " has the same files, and is to stay: to remove only this record, delete the"
                                + " VMBackup"));
    }

    private Optional<Problem> locationProblem() {
        String onlyTheRecord = "; to remove only the record, delete the VMBackup";
        return facts.location()
                .map(location -> BackupLocationChecks.holds(location, backup))
                .orElseGet(() -> Optional.of(new Problem(
                        Reason.BackupLocationNotFound,
                        "BackupLocation " + backup.getSpec().locationRef().name() + " is not there any more: an"
                                + " administrator creates it with the spec.id "
                                + backup.getStatus().locationID())))
                .map(problem -> new Problem(problem.reason(), problem.message() + onlyTheRecord));
    }

    private Optional<BackupLocationSpec> bucket() {
        return facts.location().map(BackupLocation::getSpec).filter(location -> location.s3() != null);
    }

    private Optional<Problem> noNode() {
        String name = backup.getSpec().locationRef().name();
        return facts.node().isPresent()
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.BackupLocationUnavailable,
                        "no ready node can use BackupLocation " + name + ": see kubectl describe backuplocation "
                                + name));
    }

    /** The location of its name may be another one by now. */
    private boolean isOfThis(StoredBackupRun run, Action action) {
        StoredBackupRunSpec spec = run.getSpec();
        VMBackupStatus status = backup.getStatus();
        return spec.action() == action
                && spec.isFor(backup)
                && facts.location()
                        .map(BackupRunSpec.Location::of)
                        .map(spec.location()::equals)
                        .orElse(true)
                && spec.backupUID().equals(status.backupUID())
                && (action == Action.Remove
                        || (spec.indexSHA256().equals(status.result().indexSHA256()) && readsEnough(spec)));
    }

    /** The request may be another one by now. */
    private boolean readsEnough(StoredBackupRunSpec spec) {
        return spec.alreadyRead() == null
                || facts.countsSince()
                        .filter(since ->
                                !Instant.parse(spec.alreadyRead().since()).isBefore(since))
                        .isPresent();
    }

    /** One that failed a while ago, and one whose agent is away. */
    private boolean isStale(StoredBackupRun run) {
        return RecordedTime.isOver(
                        AGAIN,
                        Instant.parse(run.getMetadata().getCreationTimestamp()),
                        facts.time().ofServer())
                && switch (run.phase()) {
                    case Completed -> false;
                    case Failed -> true;
                    case Running -> !facts.ready().contains(run.getSpec().nodeName());
                };
    }

    private static Problem reported(StoredBackupRun run) {
        if (run.getStatus().knownReason().equals(Optional.of(Reason.PacksInUse))) {
            return new Problem(
                    Reason.PacksInUse,
                    "files of the backup that others of the VM may need stay for now: " + message(run)
                            + "; it is tried again every five minutes");
        }
        return new Problem(
                Reason.BackupLocationUnavailable,
                "node " + run.getSpec().nodeName() + " could not do it, and it is tried again: " + message(run));
    }

    /** The node's message, for people only. */
    private static String message(StoredBackupRun run) {
        return run.getStatus().said().orElse("it did not say why");
    }

    private StoredBackupRun run(Action action) {
        VMBackupStatus status = backup.getStatus();
        StoredBackupRunSpecBuilder spec = StoredBackupRunSpecBuilder.builder()
                .action(action)
                .nodeName(facts.node().orElseThrow())
                .vmRef(new BackupRunSpec.Vm(
                        backup.getMetadata().getNamespace(),
                        backup.getSpec().vmRef().name(),
                        status.vmUID()))
                .backupRef(new BackupRunSpec.Backup(
                        backup.getMetadata().getName(), backup.getMetadata().getUid()))
                .backupUID(status.backupUID())
                .location(BackupRunSpec.Location.of(facts.location().orElseThrow()));
        StoredBackupRun run = new StoredBackupRun();
        run.setMetadata(new ObjectMetaBuilder()
                .withNamespace(facts.namespace())
                .withName(StoredBackupRun.nameOf(backup.getMetadata().getUid(), action))
                .withLabels(Map.of(Api.LABEL_VM_UID, status.vmUID()))
                .build());
        run.setSpec(
                switch (action) {
                    case Remove -> spec.build();
                    case Verify -> toVerify(spec).build();
                });
        return run;
    }

    private StoredBackupRunSpecBuilder toVerify(StoredBackupRunSpecBuilder spec) {
        return spec.indexSHA256(backup.getStatus().result().indexSHA256())
                .alreadyRead(alreadyRead().orElse(null))
                .bytesPerSecond(facts.location()
                        .orElseThrow()
                        .getSpec()
                        .bytesPerSecond()
                        .orElse(null));
    }

    private Optional<AlreadyRead> alreadyRead() {
        List<VMBackup> read = facts.countsSince().stream()
                .flatMap(since -> CompletedBackups.alreadyRead(backup, facts.others(), since, facts.now()))
                .limit(AlreadyRead.MOST)
                .toList();
        return read.stream()
                .flatMap(other -> CompletedBackups.readSince(other).stream())
                .min(Comparator.naturalOrder())
                .map(since -> new AlreadyRead(
                        since.toString(),
                        read.stream()
                                .map(other -> new AlreadyRead.Backup(
                                        other.getStatus().backupUID(),
                                        other.getStatus().result().indexSHA256()))
                                .toList()));
    }
}
