package io.trustedlaunch.operator.migration;

import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.util.List;
import java.util.Optional;

/** Events of a VM and of its incarnations trigger the migrations that name the VM. */
final class MigrationEventSources implements MigrationCaches {
    /** Another name than that of the VM controller's index of the same objects. */
    private static final String BY_VM = "migration/vm";

    private final IndexerResourceCache<VMMigration> primaries;
    private final Watches<VMMigration> watches;
    private final WatchCache<TrustedLaunchVM> vms;
    private final WatchCache<VMIncarnation> incarnations;

    /** @param namespace the operator's own */
    MigrationEventSources(EventSourceContext<VMMigration> context, String namespace) {
        this.primaries = context.getPrimaryCache();
        this.watches = new Watches<>(context);
        primaries.addIndexer(
                BY_VM,
                migration -> List.of(key(
                        migration.getMetadata().getNamespace(),
                        migration.getSpec().vmRef().name())));
        this.vms = watches.of(TrustedLaunchVM.class)
                .onChangeOf(MigrationEventSources::recorded)
                .triggersEach(vm ->
                        naming(vm.getMetadata().getNamespace(), vm.getMetadata().getName()));
        this.incarnations = watches.of(VMIncarnation.class)
                .in(namespace)
                .onChangeOf(MigrationEventSources::reported)
                .indexedBy(BY_VM, incarnation -> incarnation.getSpec().vmRef().uid())
                .triggersEach(incarnation -> naming(
                        incarnation.getSpec().vmRef().namespace(),
                        incarnation.getSpec().vmRef().name()));
    }

    List<EventSource<?, VMMigration>> all(EventSource<?, VMMigration> pending) {
        watches.add(pending);
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
    public List<VMIncarnation> incarnations(TrustedLaunchVM vm) {
        return incarnations.byIndex(BY_VM, vm.identity());
    }

    private List<VMMigration> naming(String ofNamespace, String vm) {
        return primaries.byIndex(BY_VM, key(ofNamespace, vm));
    }

    /** The parts of a VM's status that a migration's status depends on. */
    private static Object recorded(TrustedLaunchVM vm) {
        return vm.status()
                .map(status -> List.of(
                        Optional.ofNullable(status.migration()),
                        Optional.ofNullable(status.phase()),
                        Optional.ofNullable(status.epoch())));
    }

    private static Object reported(VMIncarnation incarnation) {
        return incarnation
                .status()
                .map(status -> List.of(
                        Optional.ofNullable(status.phase()),
                        Optional.ofNullable(status.exit()),
                        Optional.ofNullable(status.message()),
                        Optional.ofNullable(status.departure())));
    }

    private static String key(String ofNamespace, String vm) {
        return ofNamespace + "/" + vm;
    }
}
