package io.trustedlaunch.operator.backup;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.trustedlaunch.api.BackupLocation;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMBackup;
import io.trustedlaunch.api.VMBackupStatus;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMQuota;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Events of a VM, of its incarnations and of its BackupRuns trigger the backups of the VM that have not ended. */
final class BackupEventSources implements BackupCaches {
    /** Another name than those of other controllers' indexes of the same objects. */
    private static final String BY_VM = "backup/vm";

    private static final String BY_IDENTITY = "backup/identity";

    private static final String BY_NAMESPACE = "backup/namespace";

    private final String namespace;
    private final EventSourceContext<VMBackup> context;
    private final InformerEventSource<TrustedLaunchVM, VMBackup> vms;
    private final InformerEventSource<VMIncarnation, VMBackup> incarnations;
    private final InformerEventSource<BackupRun, VMBackup> runs;
    private final InformerEventSource<BackupLocation, VMBackup> locations;
    private final InformerEventSource<VMQuota, VMBackup> quotas;

    /** @param namespace the operator's own */
    BackupEventSources(EventSourceContext<VMBackup> context, String namespace) {
        this.context = context;
        this.namespace = namespace;
        context.getPrimaryCache()
                .addIndexers(Map.of(
                        BY_VM,
                        backup -> List.of(key(
                                backup.getMetadata().getNamespace(),
                                backup.getSpec().vmRef().name())),
                        BY_IDENTITY,
                        backup -> Optional.ofNullable(backup.getStatus())
                                .map(VMBackupStatus::vmUID)
                                .map(uid -> key(backup.getMetadata().getNamespace(), uid))
                                .stream()
                                .toList(),
                        BY_NAMESPACE,
                        backup -> List.of(backup.getMetadata().getNamespace())));
        this.vms = new InformerEventSource<>(
                watching(
                                TrustedLaunchVM.class,
                                vm -> naming(
                                        vm.getMetadata().getNamespace(),
                                        vm.getMetadata().getName()))
                        .withOnUpdateFilter((now, before) -> !Objects.equals(recorded(now), recorded(before)))
                        .build(),
                context);
        this.incarnations = new InformerEventSource<>(
                watching(
                                VMIncarnation.class,
                                incarnation -> naming(
                                        incarnation.getSpec().vmRef().namespace(),
                                        incarnation.getSpec().vmRef().name()))
                        .withNamespaces(namespace)
                        .withOnUpdateFilter((now, before) -> !phase(now).equals(phase(before)))
                        .build(),
                context);
        this.runs = new InformerEventSource<>(
                watching(
                                BackupRun.class,
                                run -> naming(
                                        run.getSpec().vmRef().namespace(),
                                        run.getSpec().vmRef().name()))
                        .withNamespaces(namespace)
                        .withOnUpdateFilter((now, before) -> !Objects.equals(now.getStatus(), before.getStatus()))
                        .build(),
                context);
        this.runs.addIndexers(Map.of(
                BY_VM,
                run -> List.of(key(
                        run.getSpec().vmRef().namespace(), run.getSpec().vmRef().name()))));
        this.locations = new InformerEventSource<>(
                watching(
                                BackupLocation.class,
                                location -> open(context.getPrimaryCache().list()))
                        .build(),
                context);
        this.quotas = quotas(context);
    }

    private static InformerEventSource<VMQuota, VMBackup> quotas(EventSourceContext<VMBackup> context) {
        InformerEventSource<VMQuota, VMBackup> quotas = new InformerEventSource<>(
                watching(VMQuota.class, quota -> Set.of()).build(), context);
        quotas.addIndexers(
                Map.of(BY_NAMESPACE, quota -> List.of(quota.getMetadata().getNamespace())));
        return quotas;
    }

    private static <R extends HasMetadata> InformerEventSourceConfiguration.Builder<R> watching(
            Class<R> kind, Function<R, Set<ResourceID>> backups) {
        return InformerEventSourceConfiguration.from(kind, VMBackup.class)
                .withSecondaryToPrimaryMapper(backups::apply)
                .withPrimaryToSecondaryMapper((VMBackup backup) -> Set.of());
    }

    List<EventSource<?, VMBackup>> all() {
        return List.of(vms, incarnations, runs, locations, quotas);
    }

    @Override
    public Optional<TrustedLaunchVM> vm(String ofNamespace, String name) {
        return vms.get(new ResourceID(name, ofNamespace));
    }

    @Override
    public Optional<VMIncarnation> incarnation(String name) {
        return incarnations.get(new ResourceID(name, namespace));
    }

    @Override
    public Optional<BackupRun> run(String name) {
        return runs.get(new ResourceID(name, namespace));
    }

    @Override
    public List<BackupRun> runs(String ofNamespace, String vm) {
        return runs.byIndex(BY_VM, key(ofNamespace, vm));
    }

    @Override
    public List<VMBackup> backups(String ofNamespace, String vm) {
        return context.getPrimaryCache().byIndex(BY_VM, key(ofNamespace, vm));
    }

    @Override
    public List<VMBackup> backupsOf(String ofNamespace, String vmUid) {
        return context.getPrimaryCache().byIndex(BY_IDENTITY, key(ofNamespace, vmUid));
    }

    @Override
    public List<BackupLocation> locations() {
        return locations.list(location -> true).toList();
    }

    List<VMQuota> quotasIn(String ofNamespace) {
        return quotas.byIndex(BY_NAMESPACE, ofNamespace);
    }

    List<VMBackup> backupsIn(String ofNamespace) {
        return context.getPrimaryCache().byIndex(BY_NAMESPACE, ofNamespace);
    }

    private Set<ResourceID> naming(String ofNamespace, String vm) {
        return open(backups(ofNamespace, vm).stream());
    }

    private static Set<ResourceID> open(Stream<VMBackup> backups) {
        return backups.filter(backup -> !BackupFacts.hasEnded(backup))
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    /** The parts of a VM's status that its backups depend on. */
    private static Object recorded(TrustedLaunchVM vm) {
        return Optional.ofNullable(vm.getStatus())
                .map(status -> List.of(
                        Optional.ofNullable(status.migration()),
                        Optional.ofNullable(status.phase()),
                        Optional.ofNullable(status.nodeName()),
                        Optional.ofNullable(status.epoch()),
                        ConditionType.Running.in(status.conditions()).map(running -> running.getStatus())));
    }

    private static Optional<VMIncarnationStatus.Phase> phase(VMIncarnation incarnation) {
        return Optional.ofNullable(incarnation.getStatus()).map(VMIncarnationStatus::phase);
    }

    private static String key(String ofNamespace, String vm) {
        return ofNamespace + "/" + vm;
    }
}
