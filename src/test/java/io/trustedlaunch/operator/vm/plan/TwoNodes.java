package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatus.Versions;
import io.trustedlaunch.operator.fencing.Fences.ProvedDeath;
import io.trustedlaunch.operator.vm.facts.InventoryFacts;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.ReportedIncarnation;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.NodeInfoBuilder;
import io.trustedlaunch.placement.PlacedVm;
import io.trustedlaunch.placement.Placement;
import io.trustedlaunch.placement.PlacementPolicy;
import io.trustedlaunch.placement.SharedLocations;
import io.trustedlaunch.placement.SharedLocations.Folder;
import io.trustedlaunch.testkit.Nodes;
import io.trustedlaunch.testkit.Vms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The part of a scene that is about host-a, host-b, what they report of the VM, and other VMs on them. */
abstract class TwoNodes<S extends TwoNodes<S>> {
    static final Map<String, String> DATABASE = Map.of("app", "db");

    private final Map<String, NodeInfo> nodes = new LinkedHashMap<>();
    private final List<PlacedVm> otherVms = new ArrayList<>();
    private final Map<String, ProvedDeath> fenced = new HashMap<>();
    private InventoryFacts inventory = new InventoryFacts(List.of(), Optional.empty(), List.of(), List.of(), List.of());

    TwoNodes() {
        for (String name : List.of("host-a", "host-b")) {
            nodes.put(name, Nodes.info(name).build());
        }
    }

    @SuppressWarnings("unchecked")
    private S self() {
        return (S) this;
    }

    public S node(String name, UnaryOperator<NodeInfoBuilder> change) {
        nodes.put(name, change.apply(NodeInfoBuilder.builder(nodes.get(name))).build());
        return self();
    }

    public S silent(String node) {
        return node(node, changed -> changed.agentAlive(false));
    }

    /** Its agent has answered an earlier leader. */
    public S notAnswered(String node) {
        return node(node, changed -> changed.answered(false));
    }

    /** It is proved dead. */
    public S fenced(String node) {
        return fenced(node, Duration.ZERO);
    }

    /** @param unwatched for how long it lived on after its agent was heard last */
    public S fenced(String node, Duration unwatched) {
        fenced.put(node, new ProvedDeath(node + "-fence", unwatched));
        return silent(node);
    }

    /** Nothing proves it dead any more: it is heard. */
    public S heard(String node) {
        fenced.remove(node);
        return node(node, changed -> changed.agentAlive(true));
    }

    /** A person says that it is off. */
    public S outOfService(String node) {
        return node(node, changed -> changed.agentAlive(false).outOfService(true));
    }

    /** It reports this version; null: none. */
    public S libtpms(String node, String version) {
        return node(
                node,
                changed -> changed.status(Nodes.status()
                        .versions(new Versions("1", "11.3.0", "10.0.0", "0.10", version))
                        .build()));
    }

    public S cordoned(String node) {
        return node(node, changed -> changed.spec(Nodes.spec(Maintenance.Cordon)));
    }

    /** Its approval was revoked. */
    public S revoked(String node) {
        return node(
                node,
                changed -> changed.status(
                        Nodes.status().conditions(List.of(Nodes.NOT_ENROLLED)).build()));
    }

    public S gone(String node) {
        nodes.remove(node);
        return self();
    }

    /** These nodes have not answered which domains they have. */
    public S unanswered(String... names) {
        inventory = new InventoryFacts(List.of(names), Optional.empty(), List.of(), List.of(), List.of());
        return self();
    }

    /** A node has a domain of the VM. */
    public S seen(String node, long epoch) {
        ReportedIncarnation reported = new ReportedIncarnation(node, epoch);
        inventory = new InventoryFacts(List.of(), Optional.of(reported), List.of(reported), List.of(), List.of());
        return self();
    }

    /** Besides, it has the paused guest of a later one. */
    public S seenWaiting(String node, long epoch) {
        List<ReportedIncarnation> all = Stream.concat(
                        inventory.onNodes().stream(), Stream.of(new ReportedIncarnation(node, epoch)))
                .toList();
        inventory = new InventoryFacts(List.of(), inventory.latest(), all, List.of(), List.of());
        return self();
    }

    /** All nodes were proved to have the same folder in the VM's location. */
    public S sharedLocation() {
        return sharedLocation(Optional.of(true));
    }

    /** @param locksShared whether a lock of one node is seen on the others; empty if that is not known */
    public S sharedLocation(Optional<Boolean> locksShared) {
        SharedLocations shared =
                new SharedLocations(Map.of("default", List.of(new Folder(Set.copyOf(nodes.keySet()), locksShared))));
        Set.copyOf(nodes.keySet()).forEach(name -> node(name, changed -> changed.shared(shared)));
        return self();
    }

    /** Another VM of the namespace that keeps apart from databases. */
    public S otherDatabase(String name, String node) {
        otherVms.add(new PlacedVm(
                name,
                DATABASE,
                Vms.apartFrom(DATABASE).vmAntiAffinity().requiredDuringSchedulingIgnoredDuringExecution(),
                Set.of(node)));
        return self();
    }

    VmNodes nodes() {
        return new VmNodes(
                new Placement(List.copyOf(nodes.values()), List.copyOf(otherVms), PlacementPolicy.DEFAULT),
                inventory,
                Map.copyOf(fenced),
                Optional.empty());
    }
}
