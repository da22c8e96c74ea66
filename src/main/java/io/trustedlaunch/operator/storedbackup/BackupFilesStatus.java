package io.trustedlaunch.operator.storedbackup;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.AlreadyRead;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.backup.VMBackupStatus.Verification;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Builds the part of a backup's status that is about its files. All else in it is final. Pure. */
final class BackupFilesStatus {
    private final BackupFilesFacts facts;
    private final VMBackupStatus before;

    BackupFilesStatus(BackupFilesFacts facts) {
        this.facts = facts;
        this.before = facts.backup().getStatus();
    }

    /** A request that was taken back leaves no condition. */
    VMBackupStatus idle() {
        return facts.backup().condition(ConditionType.Removed).isEmpty()
                ? before
                : VMBackupStatusBuilder.builder(before)
                        .conditions(without(ConditionType.Removed).toList())
                        .build();
    }

    VMBackupStatus doubted(VMBackup damaged) {
        String name = damaged.getMetadata()
                        .getNamespace()
                        .equals(facts.backup().getMetadata().getNamespace())
                ? "VMBackup " + damaged.getMetadata().getName()
                : "a VMBackup of another namespace";
        Condition doubted = condition(
                ConditionType.Verified,
                State.Unknown,
                new Problem(
                        Reason.BackupDoubted,
                        name + " of the same VM was found damaged, and this one may need the same file; verify it"));
        return with(doubted, ConditionType.Removed).build();
    }

    VMBackupStatus keptFor(Problem problem) {
        return with(removed(problem)).build();
    }

    VMBackupStatus removing(Optional<Problem> problem) {
        return with(removed(problem.orElseGet(
                        () -> new Problem(Reason.RemovalPending, "its files are being removed from their location"))))
                .phase(Phase.Removing)
                .build();
    }

    /** The result of the last verification stays on record while the backup is verified again. */
    VMBackupStatus verifying(Optional<Problem> problem) {
        boolean isKnown = facts.backup()
                .condition(ConditionType.Verified)
                .filter(condition -> condition.getStatus().equals(State.False.name())
                        || (problem.isEmpty() && condition.getStatus().equals(State.True.name())))
                .isPresent();
        VMBackupStatusBuilder status = isKnown
                ? VMBackupStatusBuilder.builder(before)
                : with(condition(
                        ConditionType.Verified,
                        State.Unknown,
                        problem.orElseGet(() ->
                                new Problem(Reason.VerificationPending, "all that the backup needs is being read"))));
        return status.verifiedPercent(percent()).build();
    }

    private Integer percent() {
        int shown = Optional.ofNullable(before.verifiedPercent()).orElse(0);
        return facts.run()
                .flatMap(StoredBackupRun::status)
                .map(reported -> reported.percentAfter(shown))
                .orElse(0);
    }

    VMBackupStatus verified(Optional<String> damage) {
        String now = facts.now().truncatedTo(ChronoUnit.SECONDS).toString();
        String readSince = readSince();
        Condition verified = damage.map(what -> condition(
                        ConditionType.Verified,
                        State.False,
                        new Problem(
                                Reason.BackupDamaged,
                                what + "; the VM's next backup reads and stores everything anew")))
                .orElseGet(() -> condition(
                        ConditionType.Verified,
                        State.True,
                        new Problem(
                                Reason.BackupVerified,
                                "all that the backup needs was read since " + readSince + ", and is intact")));
        return with(verified)
                .verifiedPercent(null)
                .verification(
                        new Verification(facts.backup().pendingVerification().orElseThrow(), now, readSince))
                .build();
    }

    /** What the run was not to read counts as read when it was. */
    private String readSince() {
        StoredBackupRun run = facts.run().orElseThrow();
        return Optional.ofNullable(run.getSpec().alreadyRead())
                .map(AlreadyRead::since)
                .orElseGet(() -> run.getMetadata().getCreationTimestamp());
    }

    private Condition removed(Problem problem) {
        return condition(ConditionType.Removed, State.False, problem);
    }

    private Condition condition(ConditionType type, State state, Problem problem) {
        return new Conditions(facts.backup(), facts.now()).of(type, state, problem.reason(), problem.message());
    }

    private VMBackupStatusBuilder with(Condition condition, ConditionType... gone) {
        return VMBackupStatusBuilder.builder(before)
                .conditions(Stream.concat(
                                without(ConditionType.valueOf(condition.getType()))
                                        .filter(kept -> !List.of(gone).contains(ConditionType.valueOf(kept.getType()))),
                                Stream.of(condition))
                        .toList());
    }

    private Stream<Condition> without(ConditionType type) {
        return before.conditions().stream()
                .filter(condition -> !condition.getType().equals(type.name()));
    }
}
