package io.trustedlaunch.operator.node;

import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.util.List;
import java.util.Optional;

/** Events of VMs trigger the node that they are on; events of migrations, all draining nodes: they share one budget. */
final class DrainEventSources implements DrainCaches {
    private static final String BY_NODE = "node";

    private final Watches<ClusterNode> watches;
    private final WatchCache<VMIncarnation> incarnations;
    private final WatchCache<VMMigration> migrations;
    private final WatchCache<TrustedLaunchVM> vms;
    private final Optional<NodeEvictions> evictions;

    /**
     * @param namespace the operator's own
     * @param hasGuards nodes with VMs have guards, whose eviction drains them
     */
    DrainEventSources(EventSourceContext<ClusterNode> context, String namespace, boolean hasGuards) {
        this.watches = new Watches<>(context);
        this.incarnations = watches.of(VMIncarnation.class)
                .in(namespace)
                .onChangeOf(DrainEventSources::course)
                .indexedBy(BY_NODE, incarnation -> incarnation.getSpec().nodeName())
                .triggersMatching((incarnation, node) ->
                        isDraining(node, incarnation.getSpec().nodeName()));
        this.migrations = watches.of(VMMigration.class)
                .onChangeOf(DrainEventSources::phase)
                .triggersMatching((migration, node) -> isDraining(node));
        this.vms = watches.of(TrustedLaunchVM.class)
                .onChangeOf(DrainEventSources::migratability)
                .triggersMatching((vm, node) -> vm.status()
                        .filter(status -> isDraining(node, status.nodeName()))
                        .isPresent());
        this.evictions = hasGuards ? Optional.of(new NodeEvictions(watches, namespace)) : Optional.empty();
    }

    List<EventSource<?, ClusterNode>> all() {
        return watches.all();
    }

    @Override
    public boolean isEvicted(String node) {
        return evictions.filter(guarded -> guarded.isUnderWay(node)).isPresent();
    }

    @Override
    public List<VMIncarnation> incarnationsOn(String node) {
        return incarnations.byIndex(BY_NODE, node);
    }

    @Override
    public List<VMMigration> migrations() {
        return migrations.all();
    }

    @Override
    public Optional<TrustedLaunchVM> vm(String namespace, String name) {
        return vms.get(namespace, name);
    }

    @Override
    public void created(VMMigration migration) {
        migrations.created(migration);
    }

    private boolean isDraining(ClusterNode node, String name) {
        return node.getMetadata().getName().equals(name) && isDraining(node);
    }

    private boolean isDraining(ClusterNode node) {
        return node.getSpec().maintenance() == Maintenance.Drain
                || evictions
                        .filter(guarded ->
                                guarded.wasUnderWay(node.getMetadata().getName()))
                        .isPresent();
    }

    private static Object course(VMIncarnation incarnation) {
        return List.of(
                incarnation.getSpec().desiredState(),
                incarnation
                        .status()
                        .map(status -> List.of(
                                Optional.ofNullable(status.phase()),
                                Optional.ofNullable(status.guestState())
                                        .filter(SealedState::complete)
                                        .isPresent())));
    }

    private static Object phase(VMMigration migration) {
        return migration.status().map(status -> status.phase());
    }

    private static Object migratability(TrustedLaunchVM vm) {
        return List.of(
                Optional.ofNullable(vm.getSpec().evictionStrategy()),
                vm.status()
                        .map(status -> List.of(
                                Optional.ofNullable(status.nodeName()),
                                Optional.ofNullable(status.migration()),
                                vm.condition(ConditionType.Migratable))));
    }
}
