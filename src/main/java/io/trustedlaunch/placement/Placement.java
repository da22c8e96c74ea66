package io.trustedlaunch.placement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Chooses a node for a VM: first who can take it at all, then who is best.
 *
 * @param nodes all of them
 * @param neighbours the other VMs of its namespace that bear on where it can be
 */
public record Placement(List<NodeInfo> nodes, List<PlacedVm> neighbours, PlacementPolicy policy) {
    /** What came of it. */
    public sealed interface Outcome {
        /** The node to use. */
        record Chosen(String node) implements Outcome {}

        /** No candidate can take the VM; one entry a node, none if there is no node. */
        record Rejected(List<Rejection> rejections) implements Outcome {
            /** For a condition. */
            public String message() {
                return Rejections.message(rejections);
            }
        }
    }

    /** Who can take the VM, the best first, and why the others cannot. */
    record Fit(List<String> nodes, List<Rejection> rejections) {}

    /** @param among where the VM may start */
    public Outcome choose(Requests demand, Predicate<NodeInfo> among) {
        Fit fit = fit(demand, among, List.of());
        return fit.nodes().stream()
                .findFirst()
                .<Outcome>map(Outcome.Chosen::new)
                .orElseGet(() -> new Outcome.Rejected(fit.rejections()));
    }

    /**
     * Where a guest that runs on {@code source} could go on.
     *
     * @param diskBytes what its disks may come to
     */
    public MoveTargets targets(Requests demand, long diskBytes, NodeInfo source, Predicate<NodeInfo> among) {
        Fit fit = fit(
                demand,
                among.and(node -> !node.name().equals(source.name())),
                new MovePredicates(demand, diskBytes, source).all());
        Set<String> sharing = nodes.stream()
                .filter(node ->
                        demand.locations().stream().allMatch(location -> node.sharesLocation(location, source.name())))
                .map(NodeInfo::name)
                .collect(Collectors.toSet());
        List<String> best = fit.nodes().stream().filter(sharing::contains).toList();
        List<String> copying =
                fit.nodes().stream().filter(node -> !sharing.contains(node)).toList();
        return new MoveTargets(
                Stream.concat(best.stream(), copying.stream()).toList(), copying.size(), fit.rejections());
    }

    private Fit fit(Requests demand, Predicate<NodeInfo> among, List<PlacementPredicate> further) {
        VmAffinityIndex neighbourhood = new VmAffinityIndex(demand.constraints(), neighbours, nodes);
        List<PlacementPredicate> predicates = new ArrayList<>(new Predicates(demand, policy, neighbourhood).all());
        predicates.addAll(further);
        List<Rejection> rejections = new ArrayList<>();
        List<Score> fitting = new ArrayList<>();
        for (NodeInfo node : nodes) {
            if (among.test(node)) {
                rejection(node, predicates)
                        .ifPresentOrElse(
                                rejections::add, () -> fitting.add(Score.of(node, demand, policy, neighbourhood)));
            }
        }
        fitting.sort(Score.bestFirst(policy.strategy()));
        rejections.sort(Comparator.comparing(Rejection::node));
        return new Fit(fitting.stream().map(Score::node).toList(), rejections);
    }

    private static Optional<Rejection> rejection(NodeInfo node, List<PlacementPredicate> predicates) {
        for (PlacementPredicate predicate : predicates) {
            Optional<RejectionReason> why = predicate.rejection(node);
            if (why.isPresent()) {
                return why.map(told -> new Rejection(node.name(), told.here(), told.anywhere()));
            }
        }
        return Optional.empty();
    }
}
