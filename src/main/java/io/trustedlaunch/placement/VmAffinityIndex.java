package io.trustedlaunch.placement;

import io.trustedlaunch.api.VMAffinity;
import io.trustedlaunch.api.VMAffinity.VMAffinityTerm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The other VMs of a VM's namespace, as they bear on where it can be. */
final class VmAffinityIndex {
    private final Constraints constraints;
    private final List<AffinityMatches> wanted;
    private final List<AffinityMatches> unwanted;
    /** By topology key and place: a VM there that keeps apart from this one. */
    private final Map<String, Map<String, String>> keptAway = new HashMap<>();

    private final List<Wish> wishes = new ArrayList<>();

    VmAffinityIndex(Constraints constraints, List<PlacedVm> neighbours, List<NodeInfo> nodes) {
        this.constraints = constraints;
        Map<String, NodeInfo> byName = nodes.stream().collect(Collectors.toMap(NodeInfo::name, Function.identity()));
        this.wanted = sights(constraints.vmAffinity(), neighbours, byName);
        this.unwanted = sights(constraints.vmAntiAffinity(), neighbours, byName);
        neighbours.forEach(neighbour -> neighbour.keepsApart().stream()
                .filter(term -> LabelMatcher.selects(term.labelSelector(), constraints.labels()))
                .forEach(term -> keepAway(term, neighbour, byName)));
        prefer(constraints.vmAffinity(), 1, neighbours, byName);
        prefer(constraints.vmAntiAffinity(), -1, neighbours, byName);
    }

    private static List<AffinityMatches> sights(
            VMAffinity affinity, List<PlacedVm> neighbours, Map<String, NodeInfo> nodes) {
        return affinity.required().stream()
                .map(term -> AffinityMatches.of(term, neighbours, nodes))
                .toList();
    }

    private void keepAway(VMAffinityTerm term, PlacedVm neighbour, Map<String, NodeInfo> nodes) {
        neighbour.nodes().stream()
                .flatMap(node -> Optional.ofNullable(nodes.get(node)).stream())
                .flatMap(node -> node.place(term.topologyKey()).stream())
                .forEach(place -> keptAway.computeIfAbsent(term.topologyKey(), key -> new HashMap<>())
                        .putIfAbsent(place, neighbour.name()));
    }

    private void prefer(VMAffinity affinity, int sign, List<PlacedVm> neighbours, Map<String, NodeInfo> nodes) {
        affinity.preferred()
                .forEach(wish -> wishes.add(
                        new Wish(sign * wish.weight(), AffinityMatches.of(wish.vmAffinityTerm(), neighbours, nodes))));
    }

    /** Whoever is the first of those that are to be together can be anywhere. */
    Optional<RejectionReason> isWithTheVmsItNeeds(NodeInfo node) {
        return wanted.stream()
                .filter(sight -> sight.vmsAround(node).isEmpty())
                .filter(sight -> !isFirstOf(sight)
                        || node.place(sight.term().topologyKey()).isEmpty())
                .findFirst()
                .map(sight -> RejectionReason.anywhere("no VM that its vmAffinity requires is there (" + sight + ")"));
    }

    private boolean isFirstOf(AffinityMatches sight) {
        return sight.meansNobody() && LabelMatcher.selects(sight.term().labelSelector(), constraints.labels());
    }

    Optional<RejectionReason> isApartFromTheVmsItAvoids(NodeInfo node) {
        return unwanted.stream()
                .filter(sight -> !sight.vmsAround(node).isEmpty())
                .findFirst()
                .map(sight -> new RejectionReason(
                        "VM " + sight.vmsAround(node).getFirst() + " is there, from which its vmAntiAffinity keeps it"
                                + " apart (" + sight + ")",
                        "a VM is there from which its vmAntiAffinity keeps it apart (" + sight + ")"));
    }

    Optional<RejectionReason> isNotAvoidedByTheVmsThere(NodeInfo node) {
        return keptAway.entrySet().stream()
                .flatMap(key -> node.place(key.getKey()).map(key.getValue()::get).stream())
                .findFirst()
                .map(name -> new RejectionReason(
                        "VM " + name + " is there, whose vmAntiAffinity keeps it away",
                        "a VM is there whose vmAntiAffinity keeps it away"));
    }

    /** What it would rather have around it, and rather not. */
    long preference(NodeInfo node) {
        return wishes.stream()
                .mapToLong(wish ->
                        (long) wish.weight() * wish.sight().vmsAround(node).size())
                .sum();
    }

    private record Wish(int weight, AffinityMatches sight) {}
}
