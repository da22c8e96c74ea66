package io.trustedlaunch.operator.storedbackup;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.Action;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.operator.backup.RunGrants;
import io.trustedlaunch.operator.backup.RunLimits;
import io.trustedlaunch.operator.node.AgentLiveness;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Has the files of backups verified and removed, and removes the VMBackups whose files are gone. */
@ControllerConfiguration(
        name = "storedbackup",
        // Annotations ask for something, and the status says that it has ended.
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class StoredBackupReconciler implements Reconciler<VMBackup> {
    /** Other names than those of other controllers' indexes of the same objects. */
    private static final String BY_PARENT = "storedbackup/parent";

    private static final String BY_IDENTITY = "storedbackup/identity";
    private static final String BY_VM = "storedbackup/vm";

    private final String namespace;
    private final ResourceWriter writer;
    private final StatusRecorder recorder;
    private final AgentLiveness liveness;
    private final RunGrants buckets;
    private final RunLimits limits;
    private final InstantSource clock;
    private EventSourceContext<VMBackup> context;
    private WatchCache<StoredBackupRun> runs;
    private WatchCache<BackupRun> making;
    private WatchCache<BackupLocation> locations;
    private WatchCache<TrustedLaunchVM> vms;
    private WatchCache<ClusterNode> nodes;

    /**
     * @param namespace the operator's own
     * @param clock of the API server, which sets creation times
     */
    public StoredBackupReconciler(
            String namespace,
            ResourceWriter writer,
            AgentLiveness liveness,
            RunGrants buckets,
            RunLimits limits,
            InstantSource clock) {
        this.namespace = namespace;
        this.writer = writer;
        this.recorder = new StatusRecorder(writer);
        this.liveness = liveness;
        this.buckets = buckets;
        this.limits = limits;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, VMBackup>> prepareEventSources(EventSourceContext<VMBackup> given) {
        context = given;
        context.getPrimaryCache()
                .addIndexers(Map.of(
                        BY_PARENT,
                        backup -> backup
                                .status()
                                .map(VMBackupStatus::result)
                                .map(result -> result.parentUID())
                                .map(parent -> key(backup.getMetadata().getNamespace(), parent))
                                .stream()
                                .toList(),
                        BY_IDENTITY,
                        backup -> backup
                                .status()
                                .map(VMBackupStatus::vmUID)
                                .map(uid -> key(backup.getMetadata().getNamespace(), uid))
                                .stream()
                                .toList()));
        Watches<VMBackup> watches = new Watches<>(context);
        runs = watches.of(StoredBackupRun.class)
                .in(namespace)
                .onChangeOf(StoredBackupRun::getStatus)
                .triggers(run -> Set.of(new ResourceID(
                        run.getSpec().backupRef().name(), run.getSpec().vmRef().namespace())));
        // A request that waits is looked at again by itself.
        making = watches.of(BackupRun.class)
                .in(namespace)
                .indexedBy(BY_VM, run -> run.getSpec().vmRef().uid())
                .triggersNone();
        locations = watches.of(BackupLocation.class).triggersNone();
        vms = watches.of(TrustedLaunchVM.class).triggersNone();
        nodes = watches.of(ClusterNode.class).triggersNone();
        return watches.all();
    }

    @Override
    public UpdateControl<VMBackup> reconcile(VMBackup backup, Context<VMBackup> context) {
        if (Reconciliation.isGone(backup, context) || !backup.hasEnded()) {
            return UpdateControl.noUpdate();
        }
        return Reconciliation.of(() -> {
            BackupFilesFacts facts = facts(backup);
            Optional<BackupFilesStep.Report> report = switch (BackupFilesPlanner.plan(facts)) {
                case BackupFilesStep.Report due -> Optional.of(due);
                case BackupFilesStep.Act act -> carryOut(act, facts);
            };
            report.ifPresent(due -> recorder.record(
                    backup, due.status(new BackupFilesStatus(facts)), due.events(), VMBackup::new, context));
            return report.map(due -> due.again(backup)).orElse(Optional.of(BackupFilesStep.WHILE_REQUESTED));
        });
    }

    /** @return what is said of it; empty: nothing new */
    private Optional<BackupFilesStep.Report> carryOut(BackupFilesStep.Act act, BackupFilesFacts facts) {
        return switch (act) {
            case BackupFilesStep.Create(StoredBackupRun run) ->
                created(run, facts.location().orElseThrow());
            case BackupFilesStep.Seal seal -> Optional.of(sealed(seal, facts.backup()));
            case BackupFilesStep.RemoveFromBucket(S3 bucket, BackupId id) -> {
                Optional<Problem> problem = buckets.remove(bucket, id);
                if (problem.isEmpty()) {
                    writer.delete(facts.backup());
                }
                yield problem.map(why -> new BackupFilesStep.Removing(Optional.of(why)));
            }
            case BackupFilesStep.Discard(StoredBackupRun run) -> deleted(run);
            case BackupFilesStep.Delete delete -> deleted(facts.backup());
        };
    }

    private Optional<BackupFilesStep.Report> deleted(HasMetadata object) {
        writer.delete(object);
        return Optional.empty();
    }

    /** A removal is small, and counts for no limit. */
    private Optional<BackupFilesStep.Report> created(StoredBackupRun run, BackupLocation location) {
        Supplier<StoredBackupRun> creation = () -> writer.createIfAbsent(run);
        Optional<StoredBackupRun> created = switch (run.getSpec().action()) {
            case Remove -> Optional.of(creation.get());
            case Verify -> limits.create(run.getMetadata().getName(), location, creation);
        };
        return created.isPresent()
                ? Optional.empty()
                : Optional.of(new BackupFilesStep.Verifying(Optional.of(RunLimits.reached(location))));
    }

    private BackupFilesStep.Report sealed(BackupFilesStep.Seal step, VMBackup backup) {
        return new BackupFilesStep.Verifying(
                switch (buckets.sealToVerify(step.run(), step.bucket(), backup.filesOnRecord(), step.others())) {
                    case Result.Refused(Problem problem) -> Optional.of(problem);
                    case Result.Value(BackupRunSpec.Envelope envelope) -> {
                        writer.mergeSpec(step.run(), Map.of("envelope", envelope));
                        yield Optional.empty();
                    }
                });
    }

    private BackupFilesFacts facts(VMBackup backup) {
        Optional<Action> action = BackupFilesFacts.requested(backup);
        Set<String> ready = action.isEmpty() ? Set.of() : ready();
        return BackupFilesFactsBuilder.builder()
                .namespace(namespace)
                .backup(backup)
                .run(action.flatMap(requested ->
                        runs.get(StoredBackupRun.nameOf(backup.getMetadata().getUid(), requested))))
                .location(locations.get(backup.getSpec().locationRef().name()))
                .follower(action.filter(Action.Remove::equals).flatMap(removal -> follower(backup)))
                .made(action.filter(Action.Verify::equals).stream()
                        .flatMap(verification -> made(backup).stream())
                        .toList())
                .ready(ready)
                .node(node(backup, ready))
                .now(clock.instant())
                .build();
    }

    private Set<String> ready() {
        return nodes.stream()
                .filter(node -> Enrolment.isEnrolled(node.status()))
                .map(node -> node.getMetadata().getName())
                .filter(liveness::isAlive)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The one that made it surely has the folder; where nodes share it, any other will do. */
    private Optional<String> node(VMBackup backup, Set<String> ready) {
        Stream<String> preferred = Stream.of(
                        Optional.ofNullable(backup.getStatus().nodeName()),
                        vms.get(
                                        backup.getMetadata().getNamespace(),
                                        backup.getSpec().vmRef().name())
                                .map(TrustedLaunchVM::getStatus)
                                .map(status -> status.nodeName()))
                .flatMap(Optional::stream)
                .filter(ready::contains);
        return Stream.concat(preferred, ready.stream()).findFirst();
    }

    private Optional<String> follower(VMBackup backup) {
        String uid = backup.getStatus().backupUID();
        if (uid == null) {
            return Optional.empty();
        }
        Stream<String> following =
                context
                        .getPrimaryCache()
                        .byIndex(BY_PARENT, key(backup.getMetadata().getNamespace(), uid))
                        .stream()
                        .map(follower -> follower.getMetadata().getName());
        Stream<String> beingMade = making.byIndex(BY_VM, backup.getStatus().vmUID()).stream()
                .filter(run -> run.getSpec().completed().stream()
                        .anyMatch(offered -> offered.uid().equals(uid)))
                .map(run -> run.getSpec().backupRef().name());
        return Stream.concat(following, beingMade).findFirst();
    }

    private List<VMBackup> made(VMBackup backup) {
        return context.getPrimaryCache()
                .byIndex(
                        BY_IDENTITY,
                        key(
                                backup.getMetadata().getNamespace(),
                                backup.getStatus().vmUID()));
    }

    private static String key(String ofNamespace, String uid) {
        return ofNamespace + "/" + uid;
    }
}
