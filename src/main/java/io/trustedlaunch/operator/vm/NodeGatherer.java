package io.trustedlaunch.operator.vm;

import io.fabric8.kubernetes.api.model.Node;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeStatus;
import io.trustedlaunch.api.ClusterNodeStatus.Inventory;
import io.trustedlaunch.api.TaintEffect;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.operator.location.LocationGroups;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.Sighting;
import io.trustedlaunch.operator.vm.plan.IncarnationBuilder;
import io.trustedlaunch.operator.vm.seal.SealingCertificates;
import io.trustedlaunch.placement.Allocated;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.NodeInfoBuilder;
import io.trustedlaunch.placement.SharedLocations;
import io.trustedlaunch.placement.Taint;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads what is known of the nodes. */
final class NodeGatherer {
    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    private static final List<TaintEffect> EFFECTS = List.of(TaintEffect.values());

    private final VmCaches caches;
    private final AgentLiveness liveness;
    private final SealingCertificates certificates;
    private final String leader;

    /** @param leader the identity under which this process holds the leader Lease */
    NodeGatherer(VmCaches caches, AgentLiveness liveness, SealingCertificates certificates, String leader) {
        this.caches = caches;
        this.liveness = liveness;
        this.certificates = certificates;
        this.leader = leader;
    }

    List<NodeInfo> candidates(AssumedPlacements.View promises) {
        Map<String, Allocated> inUse = promises.loads();
        caches.allIncarnations().stream()
                .map(Incarnation::new)
                .filter(incarnation -> !incarnation.isOver())
                .forEach(incarnation -> inUse.merge(incarnation.node(), incarnation.load(), Allocated::plus));
        SharedLocations shared = LocationGroups.of(caches.locations());
        return caches.clusterNodes().stream()
                .map(node -> candidate(node, inUse.getOrDefault(name(node), Allocated.NONE), shared))
                .toList();
    }

    private NodeInfo candidate(ClusterNode node, Allocated inUse, SharedLocations shared) {
        Optional<Node> kubernetesNode = caches.kubernetesNode(name(node));
        List<Taint> taints = taints(kubernetesNode);
        return NodeInfoBuilder.builder()
                .name(name(node))
                .spec(node.getSpec())
                .status(node.getStatus())
                .labels(kubernetesNode
                        .map(found -> found.getMetadata().getLabels())
                        .orElseGet(Map::of))
                .taints(taints)
                .agentAlive(liveness.isAlive(name(node)))
                .fenced(isFenced(taints))
                .unschedulable(isUnschedulable(kubernetesNode))
                .certificateFault(certificates.fault(name(node), sealingCertificate(node)))
                .inUse(inUse)
                .shared(shared)
                .build();
    }

    InventoryFacts inventory(TrustedLaunchVM vm, List<Incarnation> incarnations) {
        List<String> unanswered = caches.clusterNodes().stream()
                .filter(node -> answer(node).isEmpty())
                .filter(node -> !isFenced(node))
                .map(NodeGatherer::name)
                .sorted()
                .toList();
        Stream<Sighting> domains = caches.nodesThatKnow(vm.identity()).stream()
                .flatMap(node -> sightings(node, vm.identity()))
                .filter(sighting -> !isStayedFrom(vm, sighting));
        Stream<Sighting> started = incarnations.stream()
                .filter(NodeGatherer::mayHaveRun)
                .map(incarnation -> new Sighting(incarnation.node(), incarnation.epoch()));
        return new InventoryFacts(
                unanswered, Stream.concat(domains, started).max(Comparator.comparingLong(Sighting::epoch)));
    }

    /** A life for a guest that was to come, and stayed where it was, is no later life of the VM. */
    private static boolean mayHaveRun(Incarnation incarnation) {
        return incarnation.arrival().isEmpty()
                || !(incarnation.hasNotRunYet() || incarnation.exit().equals(Optional.of(Exit.NeverRan)));
    }

    /** A node may remember that it made itself ready. */
    private static boolean isStayedFrom(TrustedLaunchVM vm, Sighting sighting) {
        return Optional.ofNullable(vm.getStatus())
                .map(TrustedLaunchVMStatus::migration)
                .filter(move -> move.outcome() == Outcome.Stayed)
                .filter(move -> move.epoch() == sighting.epoch())
                .isPresent();
    }

    private Stream<Sighting> sightings(ClusterNode node, String vmUid) {
        return answer(node).stream()
                .flatMap(inventory -> IncarnationBuilder.orEmpty(inventory.domains()).stream())
                .filter(domain -> domain.vmUID().equals(vmUid))
                .map(domain -> new Sighting(name(node), domain.epoch()));
    }

    /** An answer to an earlier leader says nothing of today. */
    private Optional<Inventory> answer(ClusterNode node) {
        return Optional.ofNullable(node.getStatus())
                .map(ClusterNodeStatus::inventory)
                .filter(inventory -> leader.equals(inventory.answers()));
    }

    private boolean isFenced(ClusterNode node) {
        return isFenced(taints(caches.kubernetesNode(name(node))));
    }

    private static boolean isFenced(List<Taint> taints) {
        return taints.stream().anyMatch(taint -> taint.key().equals(OUT_OF_SERVICE));
    }

    /** An effect that nobody knows yet keeps nothing away. */
    private static List<Taint> taints(Optional<Node> node) {
        return node
                .map(found -> found.getSpec())
                .map(spec -> IncarnationBuilder.orEmpty(spec.getTaints()))
                .orElseGet(List::of)
                .stream()
                .flatMap(taint -> EFFECTS.stream()
                        .filter(effect -> effect.name().equals(taint.getEffect()))
                        .map(effect -> new Taint(taint.getKey(), taint.getValue(), effect)))
                .toList();
    }

    private static boolean isUnschedulable(Optional<Node> node) {
        return node.map(found -> found.getSpec())
                .map(spec -> spec.getUnschedulable())
                .orElse(false);
    }

    private static Optional<String> sealingCertificate(ClusterNode node) {
        return Optional.ofNullable(node.getStatus()).map(ClusterNodeStatus::sealingCertificate);
    }

    private static String name(ClusterNode node) {
        return node.getMetadata().getName();
    }
}
