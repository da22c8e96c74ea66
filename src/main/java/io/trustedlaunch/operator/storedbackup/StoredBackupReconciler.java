package io.trustedlaunch.operator.storedbackup;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
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
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.Action;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.ClusterTime;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.operator.backup.MinimumRetention;
import io.trustedlaunch.operator.backup.NeededBackups;
import io.trustedlaunch.operator.backup.RemovalGuard;
import io.trustedlaunch.operator.backup.RunGrants;
import io.trustedlaunch.operator.backup.RunLimits;
import io.trustedlaunch.operator.backuplocation.BackupLocationChecks;
import io.trustedlaunch.operator.node.AgentLiveness;
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
    private static final String BY_FILES = "storedbackup/files";

    private static final String BY_VM = "storedbackup/vm";

    private static final String OF_VM = "storedbackup/backups-of-vm";

    private final String namespace;
    private final ResourceWriter writer;
    private final StatusRecorder recorder;
    private final AgentLiveness liveness;
    private final RunGrants buckets;
    private final RunLimits limits;
    private final RemovalGuard guard;
    private final Supplier<ClusterTime> clocks;
    private EventSourceContext<VMBackup> context;
    private WatchCache<StoredBackupRun> runs;
    private WatchCache<BackupRun> making;
    private WatchCache<BackupLocation> locations;
    private WatchCache<TrustedLaunchVM> vms;
    private WatchCache<ClusterNode> nodes;
    private WatchCache<Secret> keys;

    /** @param namespace the operator's own */
    public StoredBackupReconciler(
            String namespace,
            ResourceWriter writer,
            AgentLiveness liveness,
            RunGrants buckets,
            RunLimits limits,
            RemovalGuard guard,
            Supplier<ClusterTime> clocks) {
        this.namespace = namespace;
        this.writer = writer;
        this.recorder = new StatusRecorder(writer);
        this.liveness = liveness;
        this.buckets = buckets;
        this.limits = limits;
        this.guard = guard;
        this.clocks = clocks;
    }

    @Override
    public List<EventSource<?, VMBackup>> prepareEventSources(EventSourceContext<VMBackup> given) {
        context = given;
        context.getPrimaryCache()
                .addIndexers(Map.of(
                        BY_FILES,
                        backup -> backup.status().map(VMBackupStatus::backupUID).stream()
                                .toList(),
                        OF_VM,
                        backup -> backup.status().map(VMBackupStatus::vmUID).stream()
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
        keys = watches.of(Secret.class)
                .in(namespace)
                .ofType(Api.PROTECTION_KEY_TYPE)
                .triggersNone();
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
            case BackupFilesStep.Create(StoredBackupRun run) -> created(run, facts);
            case BackupFilesStep.Seal seal -> Optional.of(sealed(seal));
            case BackupFilesStep.RemoveFromBucket(BackupLocationSpec location) -> {
                Optional<Problem> problem = buckets.remove(location, facts.backup());
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

    private Optional<BackupFilesStep.Report> created(StoredBackupRun run, BackupFilesFacts facts) {
        return switch (run.getSpec().action()) {
            case Remove -> removal(run, facts.backup());
            case Verify -> verification(run, facts.location().orElseThrow());
        };
    }

    /** It is small, and counts for no limit. */
    private Optional<BackupFilesStep.Report> removal(StoredBackupRun run, VMBackup backup) {
        Optional<Problem> kept = guard.problem(backup);
        if (kept.isEmpty()) {
            writer.createIfAbsent(run);
        }
        return kept.map(problem -> new BackupFilesStep.Removing(Optional.of(problem)));
    }

    private Optional<BackupFilesStep.Report> verification(StoredBackupRun run, BackupLocation location) {
        return limits.create(run.getMetadata().getName(), location, () -> writer.createIfAbsent(run))
                        .isPresent()
                ? Optional.empty()
                : Optional.of(new BackupFilesStep.Verifying(Optional.of(RunLimits.reached(location))));
    }

    private BackupFilesStep.Report sealed(BackupFilesStep.Seal step) {
        return new BackupFilesStep.Verifying(
                switch (buckets.sealToVerify(step.run(), step.location())) {
                    case Result.Refused(Problem problem) -> Optional.of(problem);
                    case Result.Value(BackupRunSpec.Envelope envelope) -> {
                        writer.mergeSpec(step.run(), Map.of("envelope", envelope));
                        yield Optional.empty();
                    }
                });
    }

    private BackupFilesFacts facts(VMBackup backup) {
        Optional<Action> action = BackupFilesFacts.requested(backup);
        Optional<BackupLocation> location =
                locations.get(backup.getSpec().locationRef().name());
        Set<String> ready = action.isEmpty() ? Set.of() : ready();
        return BackupFilesFactsBuilder.builder()
                .namespace(namespace)
                .backup(backup)
                .run(action.flatMap(requested ->
                        runs.get(StoredBackupRun.nameOf(backup.getMetadata().getUid(), requested))))
                .location(location)
                .making(action.filter(Action.Remove::equals).flatMap(removal -> making(backup)))
                .twin(action.filter(Action.Remove::equals).flatMap(removal -> twin(backup)))
                .others(others(backup))
                .needed(action.filter(Action.Remove::equals).flatMap(removal -> needed(backup, location)))
                .ready(ready)
                .node(location.flatMap(of -> node(backup, of, ready)))
                .minimumRetention(location.map(found -> MinimumRetention.of(found, locations.stream()))
                        .orElse(MinimumRetention.NONE))
                .time(clocks.get())
                .build();
    }

    private Set<String> ready() {
        return nodes.stream()
                .filter(node -> Enrolment.isEnrolled(node.status()))
                .map(node -> node.getMetadata().getName())
                .filter(liveness::isAlive)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The one that made it, if it finds the store; or any other that does. */
    private Optional<String> node(VMBackup backup, BackupLocation location, Set<String> ready) {
        Stream<String> preferred = Stream.of(
                        Optional.ofNullable(backup.getStatus().nodeName()),
                        vms.get(
                                        backup.getMetadata().getNamespace(),
                                        backup.getSpec().vmRef().name())
                                .map(TrustedLaunchVM::getStatus)
                                .map(status -> status.nodeName()))
                .flatMap(Optional::stream)
                .filter(ready::contains);
        return Stream.concat(preferred, ready.stream())
                .filter(node -> BackupLocationChecks.usable(location, node).isEmpty())
                .findFirst();
    }

    private Optional<Problem> needed(VMBackup backup, Optional<BackupLocation> location) {
        return NeededBackups.problem(
                backup, location, NeededBackups.of(vms.stream().toList(), keys.stream()));
    }

    private Optional<String> making(VMBackup backup) {
        return Optional.ofNullable(backup.getStatus().vmUID()).stream()
                .flatMap(vm -> making.byIndex(BY_VM, vm).stream())
                .filter(run -> run.phase() == RunPhase.Running)
                .filter(run ->
                        run.getSpec().location().id().equals(backup.getStatus().locationID()))
                .map(run -> name(
                        run.getSpec().vmRef().namespace(),
                        run.getSpec().backupRef().name(),
                        backup))
                .findFirst();
    }

    /** One that was imported into another namespace is another record of the same files. */
    private Optional<String> twin(VMBackup backup) {
        return Optional.ofNullable(backup.getStatus().backupUID()).stream()
                .flatMap(uid -> context.getPrimaryCache().byIndex(BY_FILES, uid).stream())
                .filter(other -> !other.getMetadata()
                        .getUid()
                        .equals(backup.getMetadata().getUid()))
                .filter(other -> other.hasProtection() || !other.removalRequested())
                .filter(other -> backup.isInStoreOf(other) || place(other).equals(place(backup)))
                .map(other -> name(other, backup))
                .findFirst();
    }

    private List<VMBackup> others(VMBackup backup) {
        return Optional.ofNullable(backup.getStatus().vmUID()).stream()
                .flatMap(vm -> context.getPrimaryCache().byIndex(OF_VM, vm).stream())
                .filter(other -> !other.getMetadata()
                        .getUid()
                        .equals(backup.getMetadata().getUid()))
                .filter(backup::isInStoreOf)
                .toList();
    }

    /** The marker of a store may have been written anew since. */
    private String place(VMBackup backup) {
        String name = backup.getSpec().locationRef().name();
        return locations
                .get(name)
                .map(BackupRunSpec.Location::of)
                .map(BackupRunSpec.Location::place)
                .orElse(name);
    }

    private static String name(VMBackup other, VMBackup backup) {
        return name(other.getMetadata().getNamespace(), other.getMetadata().getName(), backup);
    }

    /** What a user may know of it, who perhaps sees no other namespace. */
    private static String name(String namespace, String name, VMBackup backup) {
        return namespace.equals(backup.getMetadata().getNamespace()) ? name : "of another namespace";
    }
}
