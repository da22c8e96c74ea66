package io.trustedlaunch.operator.backupschedule;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSchedule;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.SecondaryCache;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.backup.MinimumRetention;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Creates the VMBackups of schedules. */
@ControllerConfiguration(
        name = "backupschedule",
        // An annotation asks for backups out of turn.
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class ScheduleReconciler implements Reconciler<VMBackupSchedule> {
    /** Another name than those of other controllers' indexes of the same objects. */
    private static final String BY_NAMESPACE = "backupschedule/namespace";

    /** That a VM runs again, and takes a turn, causes no event here. */
    private static final Duration WHILE_ACTIVE = Duration.ofSeconds(30);

    private final ResourceWriter writer;
    private final StatusRecorder recorder;
    private final Failpoints failpoints;
    private final Supplier<ClusterTime> clocks;
    private SecondaryCache<VMBackup, VMBackupSchedule> backups;
    private WatchCache<TrustedLaunchVM> vms;
    private WatchCache<BackupLocation> locations;

    public ScheduleReconciler(ResourceWriter writer, Failpoints failpoints, Supplier<ClusterTime> clocks) {
        this.writer = writer;
        this.recorder = new StatusRecorder(writer);
        this.failpoints = failpoints;
        this.clocks = clocks;
    }

    @Override
    public List<EventSource<?, VMBackupSchedule>> prepareEventSources(EventSourceContext<VMBackupSchedule> context) {
        Watches<VMBackupSchedule> watches = new Watches<>(context);
        // The key is their label, so that new ones are found before the watch delivers them.
        backups = watches.of(VMBackup.class)
                .onChangeOf(VMBackup::getStatus)
                .indexedByNamespace(BY_NAMESPACE)
                .isSecondaryOf(ScheduleReconciler::schedule);
        vms = watches.of(TrustedLaunchVM.class).indexedByNamespace(BY_NAMESPACE).triggersNone();
        locations = watches.of(BackupLocation.class)
                .triggersMatching((location, schedule) -> schedule.getSpec()
                        .locationRef()
                        .name()
                        .equals(location.getMetadata().getName()));
        return watches.all();
    }

    private static Set<ResourceID> schedule(VMBackup backup) {
        return Optional.ofNullable(backup.getMetadata().getLabels())
                .map(labels -> labels.get(Api.LABEL_BACKUP_SCHEDULE))
                .map(name -> new ResourceID(name, backup.getMetadata().getNamespace()))
                .map(Set::of)
                .orElseGet(Set::of);
    }

    @Override
    public UpdateControl<VMBackupSchedule> reconcile(VMBackupSchedule schedule, Context<VMBackupSchedule> context) {
        return Reconciliation.of(() -> {
            ScheduleFacts facts = facts(schedule);
            SchedulePlan plan = SchedulePlanner.plan(facts);
            carryOut(plan);
            recorder.record(
                    schedule, ScheduleStatus.of(facts, plan), events(facts, plan), VMBackupSchedule::new, context);
            request(facts);
            return next(facts, plan);
        });
    }

    private ScheduleFacts facts(VMBackupSchedule schedule) {
        Optional<BackupLocation> location =
                locations.get(schedule.getSpec().locationRef().name());
        return ScheduleFactsBuilder.builder()
                .schedule(schedule)
                .location(location)
                .vms(vms.byIndex(BY_NAMESPACE, schedule.getMetadata().getNamespace()))
                .backups(backups.of(schedule))
                .all(backups.byIndex(BY_NAMESPACE, schedule.getMetadata().getNamespace()))
                .minimumRetention(location.map(found -> MinimumRetention.of(found, locations.stream()))
                        .orElse(MinimumRetention.NONE))
                .time(clocks.get())
                .build();
    }

    private void carryOut(SchedulePlan plan) {
        plan.cancel().forEach(writer::delete);
        for (VMBackup backup : plan.create()) {
            backups.created(writer.createIfAbsent(backup));
            failpoints.reached(Failpoint.OPERATOR_SCHEDULED_BACKUP_CREATED);
        }
    }

    /** Another controller carries that out. */
    private void request(ScheduleFacts facts) {
        RetentionPlanner.expired(facts).forEach(backup -> annotate(backup, Api.REMOVE_BACKUP, "true"));
        VerificationPlanner.due(facts).forEach(due -> annotate(due.backup(), Api.VERIFY_BACKUP, due.request()));
    }

    private void annotate(VMBackup backup, String key, String value) {
        backups.updated(writer.setAnnotations(backup, Map.of(key, value)), backup);
    }

    static List<EventDraft> events(ScheduleFacts facts, SchedulePlan plan) {
        List<EventDraft> events = new ArrayList<>();
        new ScheduleClocks(facts)
                .statusOfFuture()
                .ifPresent(problem -> events.add(EventDraft.warning(problem.reason(), problem.message())));
        if (!plan.create().isEmpty()) {
            events.add(EventDraft.normal(
                    Reason.BackupsScheduled,
                    "created " + plan.create().size() + " VMBackups for "
                            + plan.create().stream()
                                    .map(backup -> ScheduledBackups.time(backup).toString())
                                    .distinct()
                                    .collect(Collectors.joining(", "))));
        }
        if (!plan.missed().isEmpty()) {
            events.add(EventDraft.warning(
                    Reason.BackupsMissed,
                    plan.missed().size() + " backups were not made: " + ScheduleStatus.named(plan.missed())));
        }
        return events;
    }

    private static Optional<Duration> next(ScheduleFacts facts, SchedulePlan plan) {
        boolean active = !plan.create().isEmpty() || !facts.open().isEmpty();
        // A timer may be a little early.
        Optional<Duration> wake = plan.progress()
                .wake()
                .map(at -> Duration.between(facts.now(), at).plusMillis(1))
                .map(left -> left.isPositive() ? left : Duration.ofMillis(1));
        return active
                ? Optional.of(
                        wake.filter(left -> left.compareTo(WHILE_ACTIVE) < 0).orElse(WHILE_ACTIVE))
                : wake;
    }
}
