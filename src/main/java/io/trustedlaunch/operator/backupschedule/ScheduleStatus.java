package io.trustedlaunch.operator.backupschedule;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.VMBackupScheduleStatus;
import io.trustedlaunch.api.backup.VMBackupScheduleStatusBuilder;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Builds the status of a schedule. Pure. */
final class ScheduleStatus {
    private static final int NAMED = 5;

    private final ScheduleFacts facts;
    private final SchedulePlan plan;
    private final Conditions conditions;

    private ScheduleStatus(ScheduleFacts facts, SchedulePlan plan) {
        this.facts = facts;
        this.plan = plan;
        this.conditions = new Conditions(facts.schedule(), facts.now());
    }

    static VMBackupScheduleStatus of(ScheduleFacts facts, SchedulePlan plan) {
        return new ScheduleStatus(facts, plan).status();
    }

    private VMBackupScheduleStatus status() {
        SchedulePlan.Progress progress = plan.progress();
        return VMBackupScheduleStatusBuilder.builder()
                .observedGeneration(facts.schedule().getMetadata().getGeneration())
                .active(facts.open().size()
                        + plan.create().size()
                        - plan.cancel().size())
                .lastScheduleTime(progress.lastTime().map(Instant::toString).orElse(null))
                .kept(RetentionPlanner.kept(facts).orElse(null))
                .lastSuccessfulTime(lastSuccess().map(Instant::toString).orElse(null))
                .nextScheduleTime(progress.nextTime().map(Instant::toString).orElse(null))
                .handledUntil(progress.handledUntil().toString())
                .lastRequestedRun(progress.answered()
                        .or(() -> facts.before().map(VMBackupScheduleStatus::lastRequestedRun))
                        .orElse(null))
                .missed(facts.before().map(VMBackupScheduleStatus::missed).orElse(0L)
                        + plan.missed().size())
                .conditions(conditions.all(ready(), overdue(), clocks()))
                .build();
    }

    private Optional<Instant> lastSuccess() {
        return Stream.concat(
                        facts.recorded(VMBackupScheduleStatus::lastSuccessfulTime).stream(),
                        facts.backups().stream()
                                .filter(backup -> backup.isIn(VMBackupStatus.Phase.Completed))
                                .map(backup -> Instant.parse(backup.getStatus().completionTime()))
                                .filter(facts::believes))
                .max(Comparator.naturalOrder());
    }

    private Condition ready() {
        return plan.problem()
                .map(problem -> conditions.of(ConditionType.Ready, ready(problem.reason()), problem))
                .orElseGet(() -> conditions.of(
                        ConditionType.Ready,
                        State.True,
                        Reason.ScheduleReady,
                        "it backs up the VMs that its selector selects, to BackupLocation "
                                + facts.spec().locationRef().name()));
    }

    /** One that is to create no backups is as its spec requests, like a VM that is Halted. */
    private static State ready(Reason problem) {
        return problem == Reason.ScheduleSuspended ? State.True : State.False;
    }

    /** A guest that is off for a long time is overdue as well: nothing else reports that it has no recent backup. */
    private Condition overdue() {
        Optional<Instant> time = lateTime();
        List<String> late = time.map(this::late).orElseGet(List::of);
        if (late.isEmpty()) {
            return conditions.of(
                    ConditionType.BackupOverdue,
                    State.False,
                    Reason.BackupsCurrent,
                    "no VM that it selects lacks a backup of a time whose startWithin has passed");
        }
        return conditions.of(
                ConditionType.BackupOverdue,
                State.True,
                Reason.BackupsOverdue,
                late.size() + (late.size() == 1 ? " VM has" : " VMs have") + " no completed backup of it since "
                        + time.get() + ": " + named(late)
                        + "; kubectl get vmbackups -l trustedlaunch.io/backup-schedule="
                        + facts.schedule().getMetadata().getName() + " -o wide shows why");
    }

    private Condition clocks() {
        return new ScheduleClocks(facts)
                .problem()
                .map(problem ->
                        conditions.of(ConditionType.ClocksTrusted, State.False, problem.reason(), problem.message()))
                .orElseGet(
                        () -> conditions.of(
                                ConditionType.ClocksTrusted,
                                State.True,
                                Reason.ClocksAgree,
                                "the operator's clock and the API server's agree, and nothing on record is dated later than now"));
    }

    /** The last time of the schedule for which no backup may begin any more. */
    private Optional<Instant> lateTime() {
        if (facts.spec().suspend()) {
            return Optional.empty();
        }
        try {
            return CronTimes.of(facts.spec().schedule(), facts.spec().timeZone())
                    .until(facts.now().minus(facts.spec().deadline()).minus(SchedulePlanner.MOST_DELAY))
                    .filter(time -> time.isAfter(facts.created()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private List<String> late(Instant time) {
        var made = facts.backups().stream()
                .filter(backup -> !ScheduledBackups.time(backup).isBefore(time))
                .filter(backup -> facts.believes(ScheduledBackups.time(backup)))
                .filter(backup ->
                        backup.isIn(VMBackupStatus.Phase.Completed) || (backup.hasBegun() && !backup.hasEnded()))
                .map(backup -> backup.getStatus().vmUID())
                .collect(Collectors.toSet());
        return facts.selected().stream()
                .filter(vm ->
                        Instant.parse(vm.getMetadata().getCreationTimestamp()).isBefore(time))
                .filter(vm -> !made.contains(vm.identity()))
                .map(TrustedLaunchVM::getMetadata)
                .map(metadata -> metadata.getName())
                .sorted()
                .toList();
    }

    /** The first few. */
    static String named(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
                + (names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "");
    }
}
