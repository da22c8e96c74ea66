package io.trustedlaunch.placement;

import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.ClusterNodeStatus.Capabilities;
import io.trustedlaunch.api.ClusterNodeStatus.Location;
import io.trustedlaunch.api.NodeAffinity.NodeSelectorTerm;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.TaintEffect;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What a node must have to take a VM. */
final class Predicates {
    /**
     * What Kubernetes says of a kubelet and of the pods' network. Whether a host can take VMs its agent says; the pods of
     * the agents tolerate these taints too.
     */
    private static final Set<String> OF_THE_KUBELET = Set.of(
            "node.kubernetes.io/not-ready",
            "node.kubernetes.io/unreachable",
            "node.kubernetes.io/network-unavailable",
            // Told by isNotCordonedInKubernetes.
            "node.kubernetes.io/unschedulable");

    private final Requests demand;
    private final Constraints constraints;
    private final PlacementPolicy policy;
    private final VmAffinityIndex neighbourhood;

    Predicates(Requests demand, PlacementPolicy policy, VmAffinityIndex neighbourhood) {
        this.demand = demand;
        this.constraints = demand.constraints();
        this.policy = policy;
        this.neighbourhood = neighbourhood;
    }

    /** In the order in which a rejection is told. */
    List<PlacementPredicate> all() {
        return List.of(
                this::isNotFenced,
                this::agentIsAlive,
                this::hostStays,
                this::isNotInMaintenance,
                this::isNotCordonedInKubernetes,
                this::hasNoTaintThatIsNotTolerated,
                this::matchesNodeSelector,
                this::matchesNodeAffinity,
                this::hasWhatTrustedLaunchNeeds,
                this::canVirtualize,
                this::hasACertificate,
                this::offersTheNetworks,
                this::hasTheLocations,
                this::hasAsManyCores,
                this::hasEnoughCoresLeft,
                this::hasEnoughMemoryLeft,
                neighbourhood::isWithTheVmsItNeeds,
                neighbourhood::isApartFromTheVmsItAvoids,
                neighbourhood::isNotAvoidedByTheVmsThere);
    }

    private Optional<RejectionReason> isNotFenced(NodeInfo node) {
        return RejectionReason.when(node.fenced(), "it is tainted out-of-service");
    }

    private Optional<RejectionReason> agentIsAlive(NodeInfo node) {
        return RejectionReason.when(
                !node.agentAlive(), "its agent has not renewed its Lease: is the agent running there?");
    }

    private Optional<RejectionReason> hostStays(NodeInfo node) {
        return RejectionReason.when(
                node.status() != null && node.status().isNotReadyFor(Reason.HostShuttingDown),
                "its host is being shut down, and starts no guest until it is back");
    }

    private Optional<RejectionReason> isNotInMaintenance(NodeInfo node) {
        Maintenance maintenance = node.spec().maintenance();
        return maintenance == Maintenance.Cordon || maintenance == Maintenance.Drain
                ? Optional.of(RejectionReason.anywhere("its spec.maintenance is " + maintenance))
                : Optional.empty();
    }

    private Optional<RejectionReason> isNotCordonedInKubernetes(NodeInfo node) {
        return RejectionReason.when(node.unschedulable(), "the Kubernetes Node of that name is cordoned");
    }

    private Optional<RejectionReason> hasNoTaintThatIsNotTolerated(NodeInfo node) {
        return repelling(node, constraints)
                .filter(taint -> taint.effect() != TaintEffect.PreferNoSchedule)
                .findFirst()
                .map(taint -> RejectionReason.anywhere(
                        "its Node has the taint " + taint + ", which the VM does not tolerate"));
    }

    /** Those that the VM does not tolerate. */
    static Stream<Taint> repelling(NodeInfo node, Constraints constraints) {
        return node.taints().stream()
                .filter(taint -> !OF_THE_KUBELET.contains(taint.key()))
                .filter(taint -> !taint.isTolerated(constraints.tolerations()));
    }

    private Optional<RejectionReason> matchesNodeSelector(NodeInfo node) {
        return constraints.nodeSelector().isEmpty()
                ? Optional.empty()
                : new TreeMap<>(constraints.nodeSelector())
                        .entrySet().stream()
                                .filter(wanted ->
                                        !wanted.getValue().equals(node.labels().get(wanted.getKey())))
                                .findFirst()
                                .map(wanted -> RejectionReason.anywhere(
                                        "its Node has no label " + wanted.getKey() + "=" + wanted.getValue()));
    }

    private Optional<RejectionReason> matchesNodeAffinity(NodeInfo node) {
        List<NodeSelectorTerm> terms = constraints.nodeAffinity().required();
        return terms.isEmpty() || terms.stream().anyMatch(term -> LabelMatcher.selects(term, node.labels()))
                ? Optional.empty()
                : Optional.of(RejectionReason.anywhere(
                        terms.size() == 1
                                ? "its Node's labels are not what nodeAffinity requires ("
                                        + LabelMatcher.text(terms.getFirst()) + ")"
                                : "its Node's labels match none of the " + terms.size()
                                        + " terms that nodeAffinity requires"));
    }

    private Optional<RejectionReason> hasWhatTrustedLaunchNeeds(NodeInfo node) {
        return RejectionReason.when(
                        !can(node, Capabilities::vTPM),
                        "no encrypted vTPM could be made there (see its Ready condition)")
                .or(() -> RejectionReason.when(
                        !can(node, Capabilities::secureBoot),
                        "its libvirt offers no Secure Boot firmware with enrolled keys"));
    }

    private Optional<RejectionReason> canVirtualize(NodeInfo node) {
        return RejectionReason.when(
                !can(node, Capabilities::hardwareVirtualization) && !can(node, Capabilities::emulation),
                "KVM does not work there, and its agent does not allow emulation");
    }

    private Optional<RejectionReason> hasACertificate(NodeInfo node) {
        return node.certificateFault()
                .map(fault ->
                        new RejectionReason(fault, "nothing can be sealed to its certificate, or it has none yet"));
    }

    private Optional<RejectionReason> offersTheNetworks(NodeInfo node) {
        return demand.networks().stream()
                .filter(network -> !node.networks().contains(network))
                .findFirst()
                .map(network -> new RejectionReason(
                        "it offers no network " + network + " (it offers " + node.networks() + ")",
                        "it offers no network " + network));
    }

    private Optional<RejectionReason> hasTheLocations(NodeInfo node) {
        return demand.locations().stream()
                .flatMap(name -> locationRejection(name, node).stream())
                .findFirst();
    }

    private static Optional<RejectionReason> locationRejection(String name, NodeInfo node) {
        Optional<Location> location = node.location(name);
        if (location.isEmpty()) {
            return Optional.of(RejectionReason.anywhere("its agent has not reported storage location " + name));
        }
        String notReady = "storage location " + name + " is not ready there";
        return location.filter(found -> !found.ready())
                .map(found -> new RejectionReason(notReady + ": " + found.message(), notReady));
    }

    /** A guest with more processors than its host has waits for itself. */
    private Optional<RejectionReason> hasAsManyCores(NodeInfo node) {
        return RejectionReason.when(
                demand.cores() > node.cores(),
                "it has fewer cores than the VM wants",
                () -> "it has " + node.cores() + " cores, the VM wants " + demand.cores());
    }

    private Optional<RejectionReason> hasEnoughCoresLeft(NodeInfo node) {
        int left = node.coresForVMs(policy) - node.inUse().cores();
        return RejectionReason.when(
                demand.cores() > left,
                "too few of its cores are left for VMs",
                () -> "it has " + Math.max(0, left) + " of " + node.coresForVMs(policy)
                        + " virtual cores left for VMs, the VM wants " + demand.cores());
    }

    private Optional<RejectionReason> hasEnoughMemoryLeft(NodeInfo node) {
        long free = node.freeMemory();
        return RejectionReason.when(
                demand.memoryBytes() > free,
                "too little of its memory is free for VMs",
                () -> "it has " + mebibytes(free) + " of memory free for VMs, the VM wants "
                        + mebibytes(demand.memoryBytes()));
    }

    private static boolean can(NodeInfo node, Predicate<Capabilities> capability) {
        return node.status() != null
                && node.status().capabilities() != null
                && capability.test(node.status().capabilities());
    }

    private static String mebibytes(long bytes) {
        return Math.max(0, bytes >> 20) + "Mi";
    }
}
