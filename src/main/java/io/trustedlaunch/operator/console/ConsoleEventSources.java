package io.trustedlaunch.operator.console;

import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VMConsole;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.util.List;
import java.util.Optional;

/** Events of a VM trigger the consoles that name it; events of a node trigger all consoles, which are few. */
final class ConsoleEventSources {
    private static final String BY_VM = "vm";

    private final Watches<VMConsole> watches;
    private final WatchCache<TrustedLaunchVM> vms;
    private final WatchCache<ClusterNode> nodes;

    ConsoleEventSources(EventSourceContext<VMConsole> context) {
        IndexerResourceCache<VMConsole> consoles = context.getPrimaryCache();
        consoles.addIndexer(
                BY_VM,
                console -> List.of(key(
                        console.getMetadata().getNamespace(),
                        console.getSpec().vmRef().name())));
        this.watches = new Watches<>(context);
        this.vms = watches.of(TrustedLaunchVM.class)
                .onChangeOf(ConsoleEventSources::place)
                .triggersEach(vm -> consoles.byIndex(
                        BY_VM,
                        key(vm.getMetadata().getNamespace(), vm.getMetadata().getName())));
        this.nodes = watches.of(ClusterNode.class)
                .onChangeOf(ConsoleEventSources::endpoint)
                .triggersAll();
    }

    List<EventSource<?, VMConsole>> all() {
        return watches.all();
    }

    Optional<TrustedLaunchVM> vm(VMConsole console) {
        return vms.get(
                console.getMetadata().getNamespace(), console.getSpec().vmRef().name());
    }

    Optional<ClusterNode> node(String name) {
        return nodes.get(name);
    }

    private static Object place(TrustedLaunchVM vm) {
        return vm.status()
                .map(status -> List.of(
                        Optional.ofNullable(status.nodeName()),
                        Optional.ofNullable(status.epoch()),
                        Optional.ofNullable(status.phase()),
                        Optional.ofNullable(status.conditions())));
    }

    private static Object endpoint(ClusterNode node) {
        Optional<ClusterNodeStatus> status = node.status();
        return List.of(
                status.map(ClusterNodeStatus::address),
                status.map(ClusterNodeStatus::consolePort),
                status.map(ClusterNodeStatus::consoleKinds));
    }

    private static String key(String namespace, String vm) {
        return namespace + "/" + vm;
    }
}
