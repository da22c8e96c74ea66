package io.trustedlaunch.placement;

import io.trustedlaunch.api.VMAffinity.VMAffinityTerm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The VMs that one term of an affinity means, by the places where they are. */
record TermSight(VMAffinityTerm term, Map<String, List<String>> vmsByPlace) {
    static TermSight of(VMAffinityTerm term, List<Neighbour> neighbours, Map<String, Candidate> nodes) {
        Map<String, List<String>> vmsByPlace = new HashMap<>();
        for (Neighbour neighbour : neighbours) {
            if (Selection.selects(term.labelSelector(), neighbour.labels())) {
                neighbour.nodes().stream()
                        .flatMap(node -> place(term, nodes.get(node)))
                        .distinct()
                        .forEach(place -> vmsByPlace
                                .computeIfAbsent(place, unseen -> new ArrayList<>())
                                .add(neighbour.name()));
            }
        }
        return new TermSight(term, vmsByPlace);
    }

    /** A node that is gone is no place. */
    private static Stream<String> place(VMAffinityTerm term, Candidate node) {
        return node == null ? Stream.empty() : node.place(term.topologyKey()).stream();
    }

    boolean meansNobody() {
        return vmsByPlace.isEmpty();
    }

    List<String> vmsAround(Candidate node) {
        return node.place(term.topologyKey())
                .map(place -> vmsByPlace.getOrDefault(place, List.of()))
                .orElseGet(List::of);
    }

    @Override
    public String toString() {
        return Selection.text(term.labelSelector()) + " by " + term.topologyKey();
    }
}
