package io.trustedlaunch.placement;

import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;
import io.trustedlaunch.api.ClusterNodeStatus.Capabilities;
import io.trustedlaunch.api.ClusterNodeStatus.Location;
import io.trustedlaunch.api.Reason;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** What a node must have to take a VM, in the order in which a rejection is told. */
final class Predicates {
    static final List<PlacementPredicate> ALL = List.of(
            Predicates::isNotFenced,
            Predicates::agentIsAlive,
            Predicates::hostStays,
            Predicates::isNotInMaintenance,
            Predicates::isNotCordonedInKubernetes,
            Predicates::hasWhatTrustedLaunchNeeds,
            Predicates::canVirtualize,
            Predicates::hasACertificate,
            Predicates::hasEnoughCores,
            Predicates::hasEnoughMemory,
            Predicates::matchesNodeSelector,
            Predicates::offersTheNetworks,
            Predicates::hasTheLocations);

    private Predicates() {}

    private static Optional<String> isNotFenced(Demand demand, Candidate node) {
        return rejectIf(node.fenced(), "it is tainted out-of-service");
    }

    private static Optional<String> agentIsAlive(Demand demand, Candidate node) {
        return rejectIf(!node.agentAlive(), "its agent has not renewed its Lease: is the agent running there?");
    }

    private static Optional<String> hostStays(Demand demand, Candidate node) {
        return rejectIf(
                node.status() != null && node.status().isNotReadyFor(Reason.HostShuttingDown),
                "its host is being shut down, and starts no guest until it is back");
    }

    private static Optional<String> isNotInMaintenance(Demand demand, Candidate node) {
        Maintenance maintenance = node.spec().maintenance();
        return rejectIf(
                maintenance == Maintenance.Cordon || maintenance == Maintenance.Drain,
                "its spec.maintenance is " + maintenance);
    }

    private static Optional<String> isNotCordonedInKubernetes(Demand demand, Candidate node) {
        return rejectIf(node.unschedulable(), "the Kubernetes Node of that name is cordoned");
    }

    private static Optional<String> hasWhatTrustedLaunchNeeds(Demand demand, Candidate node) {
        return rejectIf(
                        !can(node, Capabilities::vTPM),
                        "no encrypted vTPM could be made there (see its Ready condition)")
                .or(() -> rejectIf(
                        !can(node, Capabilities::secureBoot),
                        "its libvirt offers no Secure Boot firmware with enrolled keys"));
    }

    private static Optional<String> canVirtualize(Demand demand, Candidate node) {
        return rejectIf(
                !can(node, Capabilities::hardwareVirtualization) && !can(node, Capabilities::emulation),
                "KVM does not work there, and its agent does not allow emulation");
    }

    private static Optional<String> hasACertificate(Demand demand, Candidate node) {
        return node.certificateFault();
    }

    private static Optional<String> hasEnoughCores(Demand demand, Candidate node) {
        return rejectIf(
                demand.cores() > node.cores(), "it has " + node.cores() + " cores, the VM wants " + demand.cores());
    }

    private static Optional<String> hasEnoughMemory(Demand demand, Candidate node) {
        return rejectIf(
                demand.memoryBytes() > node.freeMemory(),
                "it has " + mebibytes(node.freeMemory()) + " of memory free for VMs, the VM wants "
                        + mebibytes(demand.memoryBytes()));
    }

    private static Optional<String> matchesNodeSelector(Demand demand, Candidate node) {
        return new TreeMap<>(demand.nodeSelector())
                .entrySet().stream()
                        .filter(wanted ->
                                !wanted.getValue().equals(node.labels().get(wanted.getKey())))
                        .findFirst()
                        .map(wanted -> "its Node has no label " + wanted.getKey() + "=" + wanted.getValue());
    }

    private static Optional<String> offersTheNetworks(Demand demand, Candidate node) {
        return demand.networks().stream()
                .filter(network -> !node.networks().contains(network))
                .findFirst()
                .map(network -> "it offers no network " + network + " (it offers " + node.networks() + ")");
    }

    private static Optional<String> hasTheLocations(Demand demand, Candidate node) {
        return demand.locations().stream()
                .flatMap(name -> locationRejection(name, node).stream())
                .findFirst();
    }

    private static Optional<String> locationRejection(String name, Candidate node) {
        Optional<Location> location = node.location(name);
        if (location.isEmpty()) {
            return Optional.of("its agent has not reported storage location " + name);
        }
        return location.filter(found -> !found.ready())
                .map(found -> "storage location " + name + " is not ready there: " + found.message());
    }

    private static boolean can(Candidate node, Function<Capabilities, Boolean> capability) {
        return node.status() != null
                && node.status().capabilities() != null
                && capability.apply(node.status().capabilities());
    }

    private static Optional<String> rejectIf(boolean rejected, String why) {
        return rejected ? Optional.of(why) : Optional.empty();
    }

    private static String mebibytes(long bytes) {
        return Math.max(0, bytes >> 20) + "Mi";
    }
}
