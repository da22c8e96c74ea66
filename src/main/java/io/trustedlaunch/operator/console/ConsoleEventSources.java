package io.trustedlaunch.operator.console;

import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMConsole;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Events of a VM trigger the consoles that name it; events of a node trigger all consoles, which are few. */
final class ConsoleEventSources {
    private static final String BY_VM = "vm";

    private final InformerEventSource<TrustedLaunchVM, VMConsole> vms;
    private final InformerEventSource<ClusterNode, VMConsole> nodes;

    ConsoleEventSources(EventSourceContext<VMConsole> context) {
        context.getPrimaryCache()
                .addIndexer(
                        BY_VM,
                        console -> List.of(key(
                                console.getMetadata().getNamespace(),
                                console.getSpec().vmRef().name())));
        this.vms = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(TrustedLaunchVM.class, VMConsole.class)
                        .withSecondaryToPrimaryMapper(vm -> ids(context.getPrimaryCache()
                                .byIndex(
                                        BY_VM,
                                        key(
                                                vm.getMetadata().getNamespace(),
                                                vm.getMetadata().getName()))))
                        .withPrimaryToSecondaryMapper((VMConsole console) -> Set.of(new ResourceID(
                                console.getSpec().vmRef().name(),
                                console.getMetadata().getNamespace())))
                        .withOnUpdateFilter((now, before) -> !Objects.equals(place(now), place(before)))
                        .build(),
                context);
        this.nodes = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ClusterNode.class, VMConsole.class)
                        .withSecondaryToPrimaryMapper(
                                node -> ids(context.getPrimaryCache().list().toList()))
                        .withPrimaryToSecondaryMapper((VMConsole console) -> Set.of())
                        .withOnUpdateFilter((now, before) -> !Objects.equals(endpoint(now), endpoint(before)))
                        .build(),
                context);
    }

    List<EventSource<?, VMConsole>> all() {
        return List.of(vms, nodes);
    }

    Optional<TrustedLaunchVM> vm(VMConsole console) {
        return vms.get(new ResourceID(
                console.getSpec().vmRef().name(), console.getMetadata().getNamespace()));
    }

    Optional<ClusterNode> node(String name) {
        return nodes.get(new ResourceID(name));
    }

    private static Set<ResourceID> ids(List<VMConsole> consoles) {
        return consoles.stream().map(ResourceID::fromResource).collect(Collectors.toSet());
    }

    private static Object place(TrustedLaunchVM vm) {
        return Optional.ofNullable(vm.getStatus())
                .map(status -> List.of(
                        Optional.ofNullable(status.nodeName()),
                        Optional.ofNullable(status.epoch()),
                        Optional.ofNullable(status.phase()),
                        Optional.ofNullable(status.conditions())));
    }

    private static Object endpoint(ClusterNode node) {
        Optional<ClusterNodeStatus> status = Optional.ofNullable(node.getStatus());
        return List.of(status.map(ClusterNodeStatus::address), status.map(ClusterNodeStatus::consolePort));
    }

    private static String key(String namespace, String vm) {
        return namespace + "/" + vm;
    }
}
