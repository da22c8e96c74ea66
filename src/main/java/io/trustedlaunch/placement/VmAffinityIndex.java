package io.trustedlaunch.placement;

import io.trustedlaunch.api.vm.VMAffinity;
import io.trustedlaunch.api.vm.VMAffinity.VMAffinityTerm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Where the other VMs of a VM's namespace allow, prefer or exclude it. */
final class VmAffinityIndex {
    private final Constraints constraints;
    private final List<AffinityMatches> required;
    private final List<AffinityMatches> excluded;
    /** Maps topology key and domain to the name of a VM there whose anti-affinity excludes this one. */
    private final Map<String, Map<String, String>> excludedBy = new HashMap<>();

    private final List<Preference> preferences = new ArrayList<>();

    VmAffinityIndex(Constraints constraints, List<PlacedVm> placedVms, List<NodeInfo> nodes) {
        this.constraints = constraints;
        Map<String, NodeInfo> byName = nodes.stream().collect(Collectors.toMap(NodeInfo::name, Function.identity()));
        this.required = matches(constraints.vmAffinity(), placedVms, byName);
        this.excluded = matches(constraints.vmAntiAffinity(), placedVms, byName);
        placedVms.forEach(placedVm -> placedVm.requiredAntiAffinity().stream()
                .filter(term -> LabelMatcher.selects(term.labelSelector(), constraints.labels()))
                .forEach(term -> exclude(term, placedVm, byName)));
        prefer(constraints.vmAffinity(), 1, placedVms, byName);
        prefer(constraints.vmAntiAffinity(), -1, placedVms, byName);
    }

    private static List<AffinityMatches> matches(
            VMAffinity affinity, List<PlacedVm> placedVms, Map<String, NodeInfo> nodes) {
        return affinity.required().stream()
                .map(term -> AffinityMatches.of(term, placedVms, nodes))
                .toList();
    }

    private void exclude(VMAffinityTerm term, PlacedVm placedVm, Map<String, NodeInfo> nodes) {
        placedVm.nodes().stream()
                .flatMap(node -> Optional.ofNullable(nodes.get(node)).stream())
                .flatMap(node -> node.topologyDomain(term.topologyKey()).stream())
                .forEach(domain -> excludedBy
                        .computeIfAbsent(term.topologyKey(), key -> new HashMap<>())
                        .putIfAbsent(domain, placedVm.name()));
    }

    private void prefer(VMAffinity affinity, int sign, List<PlacedVm> placedVms, Map<String, NodeInfo> nodes) {
        affinity.preferred()
                .forEach(preferred -> preferences.add(new Preference(
                        sign * preferred.weight(), AffinityMatches.of(preferred.vmAffinityTerm(), placedVms, nodes))));
    }

    /** The first VM of a group that is to be together can be on any node that is in a domain. */
    Optional<RejectionReason> meetsVmAffinity(NodeInfo node) {
        return required.stream()
                .filter(matches -> matches.vmsNear(node).isEmpty())
                .filter(matches -> !isFirstOf(matches)
                        || node.topologyDomain(matches.term().topologyKey()).isEmpty())
                .findFirst()
                .map(matches -> RejectionReason.of("no VM that vmAffinity requires is there (" + matches + ")"));
    }

    private boolean isFirstOf(AffinityMatches matches) {
        return matches.isEmpty() && LabelMatcher.selects(matches.term().labelSelector(), constraints.labels());
    }

    Optional<RejectionReason> meetsVmAntiAffinity(NodeInfo node) {
        return excluded.stream()
                .filter(matches -> !matches.vmsNear(node).isEmpty())
                .findFirst()
                .map(matches -> new RejectionReason(
                        "VM " + matches.vmsNear(node).getFirst() + " is there, which vmAntiAffinity excludes ("
                                + matches + ")",
                        "a VM is there that vmAntiAffinity excludes (" + matches + ")"));
    }

    Optional<RejectionReason> isNotExcludedByPlacedVms(NodeInfo node) {
        return excludedBy.entrySet().stream()
                .flatMap(key -> node.topologyDomain(key.getKey()).map(key.getValue()::get).stream())
                .findFirst()
                .map(name -> new RejectionReason(
                        "VM " + name + " is there, whose vmAntiAffinity excludes this VM",
                        "a VM is there whose vmAntiAffinity excludes this VM"));
    }

    /** The sum of the weights of its preferred affinities, minus those of its preferred anti-affinities. */
    long preference(NodeInfo node) {
        return preferences.stream()
                .mapToLong(preferred -> (long) preferred.weight()
                        * preferred.matches().vmsNear(node).size())
                .sum();
    }

    private record Preference(int weight, AffinityMatches matches) {}
}
