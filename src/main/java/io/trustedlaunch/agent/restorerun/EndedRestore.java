package io.trustedlaunch.agent.restorerun;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import io.trustedlaunch.api.restore.RestoreRunStatusBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** The condition by which {@code kubectl wait} knows that a restore is over. Nothing is decided by it. */
public final class EndedRestore {
    private EndedRestore() {}

    /** The status with that condition, if the restore is over. */
    public static RestoreRunStatus of(RestoreRun run, RestoreRunStatus status, Instant now) {
        return RestoreRunStatusBuilder.builder(status)
                .conditions(condition(run, status, now).map(List::of).orElseGet(List::of))
                .build();
    }

    private static Optional<Condition> condition(RestoreRun run, RestoreRunStatus status, Instant now) {
        return switch (RunPhase.of(status)) {
            case Running -> Optional.empty();
            case Completed ->
                Optional.of(condition(
                        run,
                        ConditionType.Complete,
                        Reason.Restored.name(),
                        "the VM's files are those of VMBackup "
                                + run.getSpec().backup().name(),
                        now));
            case Failed ->
                Optional.of(condition(
                        run,
                        ConditionType.Failed,
                        Optional.ofNullable(status.reason()).orElseGet(Reason.AgentFault::name),
                        status.said().orElse("the VM's files are as they were"),
                        now));
        };
    }

    private static Condition condition(RestoreRun run, ConditionType type, String reason, String message, Instant now) {
        return new ConditionBuilder()
                .withType(type.name())
                .withStatus("True")
                .withReason(reason)
                .withMessage(Messages.bounded(message))
                .withObservedGeneration(run.getMetadata().getGeneration())
                .withLastTransitionTime(run.condition(type)
                        .map(Condition::getLastTransitionTime)
                        .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString()))
                .build();
    }
}
