package io.trustedlaunch.placement;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.node.ClusterNodeStatus.Capabilities;
import io.trustedlaunch.api.node.ClusterNodeStatus.Location;
import io.trustedlaunch.api.node.ClusterNodeStatus.Versions;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.node.NodeVirtualization;
import io.trustedlaunch.api.vm.NodeAffinity.NodeSelectorTerm;
import io.trustedlaunch.api.vm.TaintEffect;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The requirements of a VM on its node. */
final class Predicates {
    /**
     * Taints about the kubelet and the pod network, which VMs do not use. The agent reports whether its host can run VMs;
     * its pod tolerates these taints too.
     */
    private static final Set<String> KUBELET_TAINTS = Set.of(
            "node.kubernetes.io/not-ready",
            "node.kubernetes.io/unreachable",
            "node.kubernetes.io/network-unavailable",
            // Checked by isNotCordonedInKubernetes.
            "node.kubernetes.io/unschedulable");

    private final Requests requests;
    private final Constraints constraints;
    private final PlacementPolicy policy;
    private final VmAffinityIndex affinity;
    /** Empty until it is asked for. */
    private Optional<SortedSet<String>> usedFields = Optional.empty();

    Predicates(Requests requests, PlacementPolicy policy, VmAffinityIndex affinity) {
        this.requests = requests;
        this.constraints = requests.constraints();
        this.policy = policy;
        this.affinity = affinity;
    }

    /** The first that rejects a node gives the reason. */
    List<PlacementPredicate> all() {
        return List.of(
                this::isInService,
                this::isEnrolled,
                this::agentIsAlive,
                this::hostIsNotShuttingDown,
                this::isNotInMaintenance,
                this::isNotCordonedInKubernetes,
                this::hasNoUntoleratedTaint,
                this::matchesNodeSelector,
                this::matchesNodeAffinity,
                this::supportsTrustedLaunch,
                this::knowsTheFields,
                this::readsTheTpm,
                this::canVirtualize,
                this::offersVbs,
                this::hasACertificate,
                this::hasTheNetworks,
                this::hasTheLocations,
                this::hasTheImage,
                this::hasAsManyCores,
                this::hasEnoughFreeCores,
                this::hasEnoughFreeMemory,
                affinity::meetsVmAffinity,
                affinity::meetsVmAntiAffinity,
                affinity::isNotExcludedByPlacedVms);
    }

    private Optional<RejectionReason> isInService(NodeInfo node) {
        return RejectionReason.when(node.outOfService(), "its Node has the taint node.kubernetes.io/out-of-service");
    }

    private Optional<RejectionReason> isEnrolled(NodeInfo node) {
        return RejectionReason.when(
                !node.isEnrolled(), "it is not enrolled", () -> "it " + Enrolment.refusal(node.name()));
    }

    private Optional<RejectionReason> agentIsAlive(NodeInfo node) {
        return RejectionReason.when(
                !node.agentAlive(), "its agent has not renewed its Lease; check that the agent is running");
    }

    static Optional<RejectionReason> hasAnswered(NodeInfo node) {
        return RejectionReason.when(
                !node.answered(),
                "its agent has not answered the present leader of the operator yet; if that lasts, see the agent's log");
    }

    private Optional<RejectionReason> hostIsNotShuttingDown(NodeInfo node) {
        return RejectionReason.when(
                node.status() != null && node.status().isNotReadyFor(Reason.HostShuttingDown),
                "its host is being shut down; it starts no VMs until it is back");
    }

    private Optional<RejectionReason> isNotInMaintenance(NodeInfo node) {
        Maintenance maintenance = node.spec().maintenance();
        return maintenance == Maintenance.Cordon || maintenance == Maintenance.Drain
                ? Optional.of(RejectionReason.of("its spec.maintenance is " + maintenance))
                : Optional.empty();
    }

    private Optional<RejectionReason> isNotCordonedInKubernetes(NodeInfo node) {
        return RejectionReason.when(node.unschedulable(), "its Kubernetes Node is cordoned");
    }

    private Optional<RejectionReason> hasNoUntoleratedTaint(NodeInfo node) {
        return untolerated(node, constraints)
                .filter(taint -> taint.effect() != TaintEffect.PreferNoSchedule)
                .findFirst()
                .map(taint ->
                        RejectionReason.of("its Node has the taint " + taint + ", which the VM does not tolerate"));
    }

    static Stream<Taint> untolerated(NodeInfo node, Constraints constraints) {
        return node.taints().stream()
                .filter(taint -> !KUBELET_TAINTS.contains(taint.key()))
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
                                .map(wanted -> RejectionReason.of(
                                        "its Node has no label " + wanted.getKey() + "=" + wanted.getValue()));
    }

    private Optional<RejectionReason> matchesNodeAffinity(NodeInfo node) {
        List<NodeSelectorTerm> terms = constraints.nodeAffinity().required();
        return terms.isEmpty() || terms.stream().anyMatch(term -> LabelMatcher.selects(term, node.labels()))
                ? Optional.empty()
                : Optional.of(RejectionReason.of(
                        terms.size() == 1
                                ? "its Node's labels do not match the required nodeAffinity ("
                                        + LabelMatcher.text(terms.getFirst()) + ")"
                                : "its Node's labels match none of the " + terms.size()
                                        + " terms of the required nodeAffinity"));
    }

    private Optional<RejectionReason> supportsTrustedLaunch(NodeInfo node) {
        return RejectionReason.when(
                        !can(node, Capabilities::vTPM),
                        "it cannot create an encrypted vTPM; see condition Ready of its ClusterNode")
                .or(() -> RejectionReason.when(
                        !can(node, Capabilities::secureBoot),
                        "its libvirt offers no Secure Boot firmware with enrolled keys"));
    }

    /**
     * An agent of an earlier version would leave out what it does not know: it would start another machine, or start one without
     * a check that the operator relies on.
     */
    private Optional<RejectionReason> knowsTheFields(NodeInfo node) {
        if (node.knowsAllFields()) {
            return Optional.empty();
        }
        SortedSet<String> used = usedFields.orElseGet(requests.incarnationFields());
        usedFields = Optional.of(used);
        return used.stream()
                .filter(field -> !node.incarnationFields().contains(field))
                .findFirst()
                .map(field -> {
                    String rule = " does not know " + field
                            + ", which the VM's next incarnation uses; upgrade DaemonSet trusted-launch-agent";
                    String version = node.version(Versions::agent)
                            .map(known -> " " + known)
                            .orElse("");
                    return new RejectionReason("its agent" + version + rule, "its agent" + rule);
                });
    }

    /** An older libtpms may not open the state that a newer one has written. An unknown version rejects nothing. */
    private Optional<RejectionReason> readsTheTpm(NodeInfo node) {
        Optional<String> own = node.version(Versions::libtpms);
        return requests.libtpms()
                .filter(last -> own.map(SoftwareVersion::new)
                        .filter(version -> version.isOlderThan(new SoftwareVersion(last)))
                        .isPresent())
                .map(last -> {
                    String rule =
                            " is older than " + last + ", which the VM's TPM ran with last, and may not open its state;"
                                    + " upgrade libtpms on it";
                    return new RejectionReason("its libtpms " + own.orElseThrow() + rule, "its libtpms" + rule);
                });
    }

    private Optional<RejectionReason> canVirtualize(NodeInfo node) {
        return RejectionReason.when(
                !can(node, Capabilities::hardwareVirtualization) && !can(node, Capabilities::emulation),
                "KVM does not work on its host, and its agent does not allow emulation");
    }

    private Optional<RejectionReason> offersVbs(NodeInfo node) {
        if (!requests.requiresVbs()
                || node.virtualization().flatMap(NodeVirtualization::offers).isPresent()) {
            return Optional.empty();
        }
        String rule = "it does not offer virtualization-based security, which the VM requires";
        return Optional.of(new RejectionReason(
                node.virtualization()
                        .map(known -> rule + ": " + known.message())
                        .orElse(rule),
                rule));
    }

    private Optional<RejectionReason> hasACertificate(NodeInfo node) {
        return node.certificateFault()
                .map(fault -> new RejectionReason(fault, "its sealing certificate is missing or not usable"));
    }

    private Optional<RejectionReason> hasTheNetworks(NodeInfo node) {
        return requests.networks().stream()
                .filter(network -> !node.networks().contains(network))
                .findFirst()
                .map(network -> new RejectionReason(
                        "it has no network " + network + " (it has " + node.networks() + ")",
                        "it has no network " + network));
    }

    private Optional<RejectionReason> hasTheLocations(NodeInfo node) {
        return requests.locations().stream()
                .flatMap(name -> locationRejection(name, node).stream())
                .findFirst();
    }

    private static Optional<RejectionReason> locationRejection(String name, NodeInfo node) {
        Optional<Location> location = node.location(name);
        if (location.isEmpty()) {
            return Optional.of(RejectionReason.of("its agent has not reported storage location " + name));
        }
        String notReady = "storage location " + name + " is not ready on it";
        return location.filter(found -> !found.ready())
                .map(found -> new RejectionReason(notReady + ": " + found.message(), notReady));
    }

    /** The agent of the node reads the image's file, unless a verified copy is there already. */
    private Optional<RejectionReason> hasTheImage(NodeInfo node) {
        return requests.image()
                .filter(image -> !image.hasCopy(node))
                .flatMap(image ->
                        locationRejection(image.storageLocation(), node).or(() -> image.missingOn(node)));
    }

    /** A guest with more cores than its host would compete with itself. */
    private Optional<RejectionReason> hasAsManyCores(NodeInfo node) {
        return RejectionReason.when(
                requests.cores() > node.cores(),
                "it has fewer cores than the VM requests",
                () -> "it has " + node.cores() + " cores, the VM requests " + requests.cores());
    }

    private Optional<RejectionReason> hasEnoughFreeCores(NodeInfo node) {
        int free = node.coresForVMs(policy) - node.inUse().cores();
        return RejectionReason.when(
                requests.cores() > free,
                "too few of its virtual cores are free",
                () -> Math.max(0, free) + " of its " + node.coresForVMs(policy)
                        + " virtual cores are free, the VM requests " + requests.cores());
    }

    private Optional<RejectionReason> hasEnoughFreeMemory(NodeInfo node) {
        long free = node.freeMemory();
        return RejectionReason.when(
                requests.memoryBytes() > free,
                "too little of its memory for VMs is free",
                () -> mebibytes(free) + " of its " + mebibytes(node.memoryForVMs())
                        + " of memory for VMs are free, the VM requests " + mebibytes(requests.memoryBytes())
                        + (node.lacksReservation()
                                ? "; its kubelet keeps less from pods than spec.memoryForVMs says: see condition"
                                        + " MemoryReserved of its ClusterNode"
                                : ""));
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
