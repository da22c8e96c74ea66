package io.trustedlaunch.placement;

import io.trustedlaunch.api.vm.VMAffinity.VMAffinityTerm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The VMs that one term of an affinity selects, by the topology domains that they are in. */
record AffinityMatches(VMAffinityTerm term, Map<String, List<String>> vmsByDomain) {
    static AffinityMatches of(VMAffinityTerm term, List<PlacedVm> placedVms, Map<String, NodeInfo> nodes) {
        Map<String, List<String>> vmsByDomain = new HashMap<>();
        for (PlacedVm placedVm : placedVms) {
            if (LabelMatcher.selects(term.labelSelector(), placedVm.labels())) {
                placedVm.nodes().stream()
                        .flatMap(node -> domain(term, nodes.get(node)))
                        .distinct()
                        .forEach(domain -> vmsByDomain
                                .computeIfAbsent(domain, key -> new ArrayList<>())
                                .add(placedVm.name()));
            }
        }
        return new AffinityMatches(term, vmsByDomain);
    }

    /** A deleted node is in no domain. */
    private static Stream<String> domain(VMAffinityTerm term, NodeInfo node) {
        return node == null ? Stream.empty() : node.topologyDomain(term.topologyKey()).stream();
    }

    boolean isEmpty() {
        return vmsByDomain.isEmpty();
    }

    List<String> vmsNear(NodeInfo node) {
        return node.topologyDomain(term.topologyKey())
                .map(domain -> vmsByDomain.getOrDefault(domain, List.of()))
                .orElseGet(List::of);
    }

    @Override
    public String toString() {
        return LabelMatcher.text(term.labelSelector()) + " by " + term.topologyKey();
    }
}
