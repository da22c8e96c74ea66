package io.trustedlaunch.operator.backup;

import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.quota.VMQuota;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Events of a VM, of its incarnations and of its BackupRuns trigger the backups of the VM that have not ended. */
final class BackupEventSources implements BackupCaches {
    /** Another name than those of other controllers' indexes of the same objects. */
    private static final String BY_VM = "backup/vm";

    private static final String BY_IDENTITY = "backup/identity";

    private static final String BY_NAMESPACE = "backup/namespace";

    private final IndexerResourceCache<VMBackup> primaries;
    private final Watches<VMBackup> watches;
    private final WatchCache<TrustedLaunchVM> vms;
    private final WatchCache<VMIncarnation> incarnations;
    private final WatchCache<BackupRun> runs;
    private final WatchCache<BackupLocation> locations;
    private final WatchCache<VMQuota> quotas;

    /** @param namespace the operator's own */
    BackupEventSources(EventSourceContext<VMBackup> context, String namespace) {
        this.primaries = context.getPrimaryCache();
        this.watches = new Watches<>(context);
        primaries.addIndexers(Map.of(
                BY_VM,
                backup -> List.of(key(
                        backup.getMetadata().getNamespace(),
                        backup.getSpec().vmRef().name())),
                BY_IDENTITY,
                backup ->
                        backup
                                .status()
                                .map(VMBackupStatus::vmUID)
                                .map(uid -> key(backup.getMetadata().getNamespace(), uid))
                                .stream()
                                .toList(),
                BY_NAMESPACE,
                backup -> List.of(backup.getMetadata().getNamespace())));
        this.vms = watches.of(TrustedLaunchVM.class)
                .onChangeOf(BackupEventSources::recorded)
                .triggersEach(vm ->
                        naming(vm.getMetadata().getNamespace(), vm.getMetadata().getName()));
        this.incarnations = watches.of(VMIncarnation.class)
                .in(namespace)
                .onChangeOf(BackupEventSources::phase)
                .triggersEach(incarnation -> naming(
                        incarnation.getSpec().vmRef().namespace(),
                        incarnation.getSpec().vmRef().name()));
        this.runs = watches.of(BackupRun.class)
                .in(namespace)
                .onChangeOf(BackupRun::getStatus)
                .indexedBy(
                        BY_VM,
                        run -> key(
                                run.getSpec().vmRef().namespace(),
                                run.getSpec().vmRef().name()))
                .triggersEach(run -> naming(
                        run.getSpec().vmRef().namespace(), run.getSpec().vmRef().name()));
        this.locations = watches.of(BackupLocation.class).triggersMatching((location, backup) -> isOpen(backup));
        this.quotas = watches.of(VMQuota.class).indexedByNamespace(BY_NAMESPACE).triggersNone();
    }

    List<EventSource<?, VMBackup>> all() {
        return watches.all();
    }

    @Override
    public Optional<TrustedLaunchVM> vm(String ofNamespace, String name) {
        return vms.get(ofNamespace, name);
    }

    @Override
    public Optional<VMIncarnation> incarnation(String name) {
        return incarnations.get(name);
    }

    @Override
    public Optional<BackupRun> run(String name) {
        return runs.get(name);
    }

    @Override
    public List<BackupRun> runs(String ofNamespace, String vm) {
        return runs.byIndex(BY_VM, key(ofNamespace, vm));
    }

    @Override
    public List<VMBackup> backups(String ofNamespace, String vm) {
        return primaries.byIndex(BY_VM, key(ofNamespace, vm));
    }

    @Override
    public List<VMBackup> backupsOf(String ofNamespace, String vmUid) {
        return primaries.byIndex(BY_IDENTITY, key(ofNamespace, vmUid));
    }

    @Override
    public List<BackupLocation> locations() {
        return locations.all();
    }

    List<VMQuota> quotasIn(String ofNamespace) {
        return quotas.byIndex(BY_NAMESPACE, ofNamespace);
    }

    List<VMBackup> backupsIn(String ofNamespace) {
        return primaries.byIndex(BY_NAMESPACE, ofNamespace);
    }

    private List<VMBackup> naming(String ofNamespace, String vm) {
        return backups(ofNamespace, vm).stream()
                .filter(BackupEventSources::isOpen)
                .toList();
    }

    private static boolean isOpen(VMBackup backup) {
        return !backup.hasEnded();
    }

    /** The parts of a VM's status that its backups depend on. */
    private static Object recorded(TrustedLaunchVM vm) {
        return vm.status()
                .map(status -> List.of(
                        Optional.ofNullable(status.migration()),
                        Optional.ofNullable(status.phase()),
                        Optional.ofNullable(status.nodeName()),
                        Optional.ofNullable(status.epoch()),
                        vm.condition(ConditionType.Running).map(running -> running.getStatus())));
    }

    private static Optional<VMIncarnationStatus.Phase> phase(VMIncarnation incarnation) {
        return incarnation.status().map(VMIncarnationStatus::phase);
    }

    private static String key(String ofNamespace, String vm) {
        return ofNamespace + "/" + vm;
    }
}
