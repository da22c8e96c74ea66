package io.trustedlaunch.placement;

import io.trustedlaunch.api.VMAffinity.VMAffinityTerm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The VMs that one term of an affinity means, by the places where they are. */
record AffinityMatches(VMAffinityTerm term, Map<String, List<String>> vmsByPlace) {
    static AffinityMatches of(VMAffinityTerm term, List<PlacedVm> neighbours, Map<String, NodeInfo> nodes) {
        Map<String, List<String>> vmsByPlace = new HashMap<>();
        for (PlacedVm neighbour : neighbours) {
            if (LabelMatcher.selects(term.labelSelector(), neighbour.labels())) {
                neighbour.nodes().stream()
                        .flatMap(node -> place(term, nodes.get(node)))
                        .distinct()
                        .forEach(place -> vmsByPlace
                                .computeIfAbsent(place, unseen -> new ArrayList<>())
                                .add(neighbour.name()));
            }
        }
        return new AffinityMatches(term, vmsByPlace);
    }

    /** A node that is gone is no place. */
    private static Stream<String> place(VMAffinityTerm term, NodeInfo node) {
        return node == null ? Stream.empty() : node.place(term.topologyKey()).stream();
    }

    boolean meansNobody() {
        return vmsByPlace.isEmpty();
    }

    List<String> vmsAround(NodeInfo node) {
        return node.place(term.topologyKey())
                .map(place -> vmsByPlace.getOrDefault(place, List.of()))
                .orElseGet(List::of);
    }

    @Override
    public String toString() {
        return LabelMatcher.text(term.labelSelector()) + " by " + term.topologyKey();
    }
}
