package io.trustedlaunch.operator.storedbackup;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.StoredBackupRun;
import io.trustedlaunch.api.StoredBackupRunStatus;
import io.trustedlaunch.api.VMBackupStatus;
import io.trustedlaunch.api.VMBackupStatus.Phase;
import io.trustedlaunch.api.VMBackupStatus.Verification;
import io.trustedlaunch.api.VMBackupStatusBuilder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.controller.EventDraft;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a backup's status says of its files. All else in it is final. Pure. */
final class StoredStatus {
    private static final int WHOLE = 100;
    private static final int QUARTER = 25;

    private final StoredFacts facts;
    private final VMBackupStatus before;

    private StoredStatus(StoredFacts facts) {
        this.facts = facts;
        this.before = facts.backup().getStatus();
    }

    static VMBackupStatus of(StoredFacts facts, StoredStep step) {
        return new StoredStatus(facts).after(step);
    }

    private VMBackupStatus after(StoredStep step) {
        return switch (step) {
            case StoredStep.Idle idle -> idle();
            case StoredStep.Create create -> before;
            case StoredStep.Seal seal -> before;
            case StoredStep.Discard discard -> before;
            case StoredStep.RemoveFromBucket remove -> before;
            case StoredStep.Delete delete -> before;
            case StoredStep.KeepWaiting(Problem problem) ->
                with(removed(problem)).build();
            case StoredStep.BeginRemoval begin -> removing(Optional.empty());
            case StoredStep.Removing(Optional<Problem> problem) -> removing(problem);
            case StoredStep.Verifying(Optional<Problem> problem) -> verifying(problem);
            case StoredStep.Verified(Optional<String> damage) -> verified(damage);
        };
    }

    /** A request that was taken back leaves no condition. */
    private VMBackupStatus idle() {
        return facts.backup().condition(ConditionType.Removed).isEmpty()
                ? before
                : VMBackupStatusBuilder.builder(before)
                        .conditions(without(ConditionType.Removed).toList())
                        .build();
    }

    private VMBackupStatus removing(Optional<Problem> problem) {
        return with(removed(problem.orElseGet(
                        () -> new Problem(Reason.RemovalPending, "its files are being removed from their location"))))
                .phase(Phase.Removing)
                .build();
    }

    /** What is known of a backup stays known while it is verified again. */
    private VMBackupStatus verifying(Optional<Problem> problem) {
        boolean isKnown = facts.backup().condition(ConditionType.Verified)
                .filter(condition -> condition.getStatus().equals(State.False.name())
                        || (problem.isEmpty() && condition.getStatus().equals(State.True.name())))
                .isPresent();
        VMBackupStatusBuilder status = isKnown
                ? VMBackupStatusBuilder.builder(before)
                : with(condition(
                        ConditionType.Verified,
                        State.Unknown,
                        problem.orElseGet(() -> new Problem(
                                Reason.VerificationPending, "all of it, and of what it follows from, is being read"))));
        return status.verifiedPercent(percent()).build();
    }

    /** Written when it enters another quarter, as that of a backup. */
    private Integer percent() {
        int shown = Optional.ofNullable(before.verifiedPercent()).orElse(0);
        int reported = facts.run()
                .map(StoredBackupRun::getStatus)
                .map(StoredBackupRunStatus::progressPercent)
                .map(percent -> Math.clamp(percent, 0, WHOLE - 1))
                .orElse(0);
        return reported / QUARTER == shown / QUARTER ? shown : reported;
    }

    private VMBackupStatus verified(Optional<String> damage) {
        String now = facts.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Condition verified = damage.map(what -> condition(
                        ConditionType.Verified,
                        State.False,
                        new Problem(Reason.BackupDamaged, what + "; the VM's next backup has everything")))
                .orElseGet(() -> condition(
                        ConditionType.Verified,
                        State.True,
                        new Problem(
                                Reason.BackupVerified,
                                "all of it, and of what it follows from, is as it was written")));
        return with(verified)
                .verifiedPercent(null)
                .verification(
                        new Verification(facts.backup().pendingVerification().orElseThrow(), now))
                .build();
    }

    private Condition removed(Problem problem) {
        return condition(ConditionType.Removed, State.False, problem);
    }

    private Condition condition(ConditionType type, State state, Problem problem) {
        return new Conditions(facts.backup(), facts.now())
                .of(type, state, problem.reason(), problem.message());
    }

    private VMBackupStatusBuilder with(Condition condition) {
        return VMBackupStatusBuilder.builder(before)
                .conditions(Stream.concat(without(ConditionType.valueOf(condition.getType())), Stream.of(condition))
                        .toList());
    }

    private Stream<Condition> without(ConditionType type) {
        return before.conditions().stream()
                .filter(condition -> !condition.getType().equals(type.name()));
    }

    /** Only a result is worth an event. */
    static List<EventDraft> events(StoredStep step) {
        return switch (step) {
            case StoredStep.Verified(Optional<String> damage)
            when damage.isPresent() -> List.of(EventDraft.warning(Reason.BackupDamaged, damage.get()));
            default -> List.of();
        };
    }
}
