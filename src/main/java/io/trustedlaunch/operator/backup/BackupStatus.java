package io.trustedlaunch.operator.backup;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.backup.VMBackupStatus.Retry;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Computes a backup's status from the step that is due. Pure. */
final class BackupStatus {
    private static final int WHOLE = 100;

    private final BackupFacts facts;
    private final String now;

    BackupStatus(BackupFacts facts) {
        this.facts = facts;
        this.now = facts.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    VMBackupStatus unchanged() {
        return facts.backup().getStatus();
    }

    VMBackupStatus pending(Problem problem) {
        return before().phase(Phase.Pending)
                .conditions(condition(State.Unknown, problem.reason(), problem.message()))
                .build();
    }

    /** What is known of the run goes off record but for its UID: it is over, and the next one may be another node's. */
    VMBackupStatus retried(BackupRun run, Problem problem, Instant next) {
        Retry retry = new Retry(
                BackupAttempts.failed(facts.backup()) + 1,
                run.getMetadata().getUid(),
                next.truncatedTo(ChronoUnit.SECONDS).toString(),
                problem.reason().name(),
                problem.message());
        Problem pending = BackupAttempts.pending(facts.backup(), retry);
        return begun(run)
                .phase(Phase.Pending)
                .retry(retry)
                .backupUID(null)
                .nodeName(null)
                .progressPercent(null)
                .conditions(condition(State.Unknown, pending.reason(), pending.message()))
                .build();
    }

    VMBackupStatus ending(BackupRun run, Problem problem) {
        return begun(run)
                .phase(Phase.Running)
                .progressPercent(progress(run))
                .conditions(condition(
                        State.Unknown,
                        problem.reason(),
                        problem.message() + "; it is tried again once node "
                                + run.getSpec().nodeName() + " has removed what it has made of it"))
                .build();
    }

    VMBackupStatus running(BackupRun run) {
        return begun(run)
                .phase(Phase.Running)
                .progressPercent(progress(run))
                .conditions(condition(
                        State.Unknown,
                        Reason.BackingUp,
                        "node " + run.getSpec().nodeName() + " is making the backup; the VM "
                                + (run.getSpec().guestState() == null ? "runs meanwhile" : "is off, and can be started")
                                + attempts()))
                .build();
    }

    private String attempts() {
        return BackupAttempts.deadline(facts.backup())
                .map(deadline -> "; attempt " + (BackupAttempts.failed(facts.backup()) + 1)
                        + ", and if it fails for a reason that may pass, another one may begin until " + deadline)
                .orElse("; there is one attempt, as spec.startWithin is not set");
    }

    VMBackupStatus completed(BackupRun run, BackupResult result) {
        return ended(begun(run))
                .phase(Phase.Completed)
                .progressPercent(WHOLE)
                .result(result)
                .escrow(run.getSpec().escrow())
                .conditions(completedConditions(run, result))
                .build();
    }

    private List<Condition> completedConditions(BackupRun run, BackupResult result) {
        return conditions()
                .all(Stream.concat(
                                condition(
                                        State.True,
                                        Reason.BackupCompleted,
                                        "the backup is whole in BackupLocation "
                                                + run.getSpec().location().name() + "; "
                                                + switch (result.type()) {
                                                    case Full ->
                                                        "its disks were read in full (" + result.fullReason() + ")";
                                                    case Incremental ->
                                                        "what had changed since backup " + result.baseUID()
                                                                + " was read";
                                                })
                                        .stream(),
                                Optional.ofNullable(result.quiesced()).map(quiesced -> quiesced(result)).stream())
                        .toList());
    }

    private Condition quiesced(BackupResult result) {
        if (result.quiesced()) {
            return conditions()
                    .of(
                            ConditionType.Quiesced,
                            State.True,
                            Reason.Quiesced,
                            "the guest agent had frozen the guest's file systems");
        }
        Reason why = Reason.valueOf(result.notQuiescedReason());
        String then = "; after a restore the guest starts as after a power cut";
        return conditions()
                .of(
                        ConditionType.Quiesced,
                        State.False,
                        why,
                        switch (why) {
                            case NoGuestAgent ->
                                "no guest agent is connected: install qemu-guest-agent in the guest" + then;
                            case FreezeTimedOut -> "the guest agent did not answer in time" + then;
                            default ->
                                "the guest agent could not freeze the file systems: see its log in the guest" + then;
                        });
    }

    VMBackupStatus failed(Problem problem) {
        return ended(facts.run()
                        .filter(run -> !facts.backup().hasGivenUp(run))
                        .map(this::begun)
                        .orElseGet(this::withLastAttempt))
                .phase(Phase.Failed)
                .conditions(condition(State.False, problem.reason(), problem.message()))
                .build();
    }

    /** A removal of the VMBackup looks for files of the attempt that its record names. */
    private VMBackupStatusBuilder withLastAttempt() {
        VMBackupStatusBuilder status = before();
        return facts.recordedRun().isPresent()
                ? status
                : status.backupUID(facts.backup().retry().map(Retry::lastUID).orElse(null));
    }

    private VMBackupStatusBuilder ended(VMBackupStatusBuilder status) {
        return status.completionTime(now)
                .duration(Optional.ofNullable(status.startTime())
                        .map(start -> duration(Duration.between(Instant.parse(start), Instant.parse(now))))
                        .orElse(null));
    }

    /** As kubectl shows durations. */
    private static String duration(Duration took) {
        Duration known = took.isNegative() ? Duration.ZERO : took.truncatedTo(ChronoUnit.SECONDS);
        return known.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
    }

    /** The record of a run stays: another run of the same name may be there. */
    private VMBackupStatusBuilder begun(BackupRun run) {
        VMBackupStatusBuilder status = before();
        return facts.recordedRun().isPresent()
                ? status
                : status.vmUID(run.getSpec().vmRef().uid())
                        .backupUID(run.getMetadata().getUid())
                        .locationID(run.getSpec().location().id())
                        .nodeName(run.getSpec().nodeName())
                        .image(run.getSpec().image())
                        .startTime(now);
    }

    private VMBackupStatusBuilder before() {
        return facts.before()
                .map(VMBackupStatusBuilder::builder)
                .orElseGet(VMBackupStatusBuilder::builder)
                .observedGeneration(facts.backup().getMetadata().getGeneration());
    }

    private int progress(BackupRun run) {
        int shown = facts.before().map(VMBackupStatus::progressPercent).orElse(0);
        return run.status()
                .map(reported -> Math.max(shown, reported.percentAfter(shown)))
                .orElse(shown);
    }

    private List<Condition> condition(State state, Reason reason, String message) {
        return conditions().all(conditions().of(ConditionType.Completed, state, reason, message));
    }

    private Conditions conditions() {
        return new Conditions(facts.backup(), facts.now());
    }
}
