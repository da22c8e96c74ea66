package io.trustedlaunch.operator.node;

import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus.SealedState;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.operator.kube.Conditions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Events of VMs trigger the node that they are on; events of migrations, all draining nodes: they share one budget. */
final class DrainEventSources implements DrainCaches {
    private static final String BY_NODE = "node";

    private final EventSourceContext<ClusterNode> context;
    private final InformerEventSource<VMIncarnation, ClusterNode> incarnations;
    private final InformerEventSource<VMMigration, ClusterNode> migrations;
    private final InformerEventSource<TrustedLaunchVM, ClusterNode> vms;
    private final Optional<NodeEvictions> evictions;

    /**
     * @param namespace the operator's own
     * @param hasGuards nodes with VMs have guards, whose eviction drains them
     */
    DrainEventSources(EventSourceContext<ClusterNode> context, String namespace, boolean hasGuards) {
        this.context = context;
        this.evictions = hasGuards ? Optional.of(new NodeEvictions(context, namespace)) : Optional.empty();
        this.incarnations = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(VMIncarnation.class, ClusterNode.class)
                        .withNamespaces(namespace)
                        .withSecondaryToPrimaryMapper(
                                incarnation -> ifDraining(incarnation.getSpec().nodeName()))
                        .withPrimaryToSecondaryMapper((ClusterNode node) -> Set.of())
                        .withOnUpdateFilter((now, before) -> !Objects.equals(course(now), course(before)))
                        .build(),
                context);
        this.incarnations.addIndexers(
                Map.of(BY_NODE, incarnation -> List.of(incarnation.getSpec().nodeName())));
        this.migrations = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(VMMigration.class, ClusterNode.class)
                        .withSecondaryToPrimaryMapper(migration -> draining())
                        .withPrimaryToSecondaryMapper((ClusterNode node) -> Set.of())
                        .withOnUpdateFilter((now, before) -> !Objects.equals(phase(now), phase(before)))
                        .build(),
                context);
        this.vms = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(TrustedLaunchVM.class, ClusterNode.class)
                        .withSecondaryToPrimaryMapper(vm -> vm.getStatus() == null
                                ? Set.of()
                                : ifDraining(vm.getStatus().nodeName()))
                        .withPrimaryToSecondaryMapper((ClusterNode node) -> Set.of())
                        .withOnUpdateFilter((now, before) -> !Objects.equals(migratability(now), migratability(before)))
                        .build(),
                context);
    }

    List<EventSource<?, ClusterNode>> all() {
        return Stream.concat(
                        Stream.of(incarnations, migrations, vms),
                        evictions.stream().flatMap(guarded -> guarded.sources().stream()))
                .toList();
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
        return migrations.list(migration -> true).toList();
    }

    @Override
    public Optional<TrustedLaunchVM> vm(String namespace, String name) {
        return vms.get(new ResourceID(name, namespace));
    }

    @Override
    public void created(VMMigration migration) {
        migrations.handleRecentResourceCreate(ResourceID.fromResource(migration), migration);
    }

    private Set<ResourceID> ifDraining(String node) {
        return draining().stream().filter(id -> id.getName().equals(node)).collect(Collectors.toSet());
    }

    private Set<ResourceID> draining() {
        return context.getPrimaryCache()
                .list(node -> node.getSpec().maintenance() == Maintenance.Drain
                        || evictions
                                .filter(guarded ->
                                        guarded.wasUnderWay(node.getMetadata().getName()))
                                .isPresent())
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    private static Object course(VMIncarnation incarnation) {
        return List.of(
                incarnation.getSpec().desiredState(),
                Optional.ofNullable(incarnation.getStatus())
                        .map(status -> List.of(
                                Optional.ofNullable(status.phase()),
                                Optional.ofNullable(status.guestState())
                                        .filter(SealedState::complete)
                                        .isPresent())));
    }

    private static Object phase(VMMigration migration) {
        return Optional.ofNullable(migration.getStatus()).map(status -> status.phase());
    }

    private static Object migratability(TrustedLaunchVM vm) {
        return List.of(
                Optional.ofNullable(vm.getSpec().evictionStrategy()),
                Optional.ofNullable(vm.getStatus())
                        .map(status -> List.of(
                                Optional.ofNullable(status.nodeName()),
                                Optional.ofNullable(status.migration()),
                                Conditions.find(status.conditions(), ConditionType.Migratable))));
    }
}
