package io.trustedlaunch.placement;

import io.trustedlaunch.api.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Chooses a node for a VM: predicates filter the nodes, scores order the rest.
 *
 * @param snapshot of all nodes
 * @param placedVms the other VMs of its namespace that an affinity connects with it
 */
public record Placement(NodeSnapshot snapshot, List<PlacedVm> placedVms, PlacementPolicy policy) {
    public Placement(List<NodeInfo> nodes, List<PlacedVm> placedVms, PlacementPolicy policy) {
        this(new NodeSnapshot(nodes), placedVms, policy);
    }

    public List<NodeInfo> nodes() {
        return snapshot.nodes();
    }

    public sealed interface Outcome {
        record Chosen(String node) implements Outcome {}

        /** No node can take the VM; one entry per node that was considered. */
        record Rejected(List<Rejection> rejections) implements Outcome {
            /** The message for a condition. */
            public String message() {
                return Rejections.message(rejections);
            }
        }
    }

    /** The nodes that can take the VM, the best first, and why the others cannot. */
    record Ranking(List<String> nodes, List<Rejection> rejections) {}

    /**
     * An incarnation for a node is made for the boot that the node has named to the present leader.
     *
     * @param among the nodes that the VM may start on
     */
    public Outcome choose(Requests requests, Predicate<NodeInfo> among) {
        Ranking ranking = rank(requests, among, List.of(Predicates::hasAnswered));
        return ranking.nodes().stream()
                .findFirst()
                .<Outcome>map(Outcome.Chosen::new)
                .orElseGet(() -> new Outcome.Rejected(ranking.rejections()));
    }

    /**
     * What the targets of a migration come to for a condition. Decided once for all VMs with equal needs, unless the place of
     * other VMs matters.
     *
     * @param verdict on the targets
     */
    public Problem migratable(
            Requests requests, long diskBytes, NodeInfo source, Function<MigrationTargets, Problem> verdict) {
        return placedVms.isEmpty() && !requests.constraints().hasVmAffinity()
                ? snapshot.migratable(
                        snapshot.needs(requests, diskBytes, source.name(), policy),
                        () -> verdict.apply(targets(requests, diskBytes, source, node -> true)))
                : verdict.apply(targets(requests, diskBytes, source, node -> true));
    }

    /**
     * The nodes that a VM running on {@code source} can migrate to.
     *
     * @param diskBytes the most that its disks can occupy
     */
    public MigrationTargets targets(Requests requests, long diskBytes, NodeInfo source, Predicate<NodeInfo> among) {
        Ranking ranking = rank(
                requests,
                among.and(node -> !node.name().equals(source.name())),
                new MigrationPredicates(requests, diskBytes, source).all());
        Set<String> sharing = nodes().stream()
                .filter(node -> requests.locations().stream()
                        .allMatch(location -> node.sharesLocation(location, source.name())))
                .map(NodeInfo::name)
                .collect(Collectors.toSet());
        List<String> best = ranking.nodes().stream().filter(sharing::contains).toList();
        List<String> copying =
                ranking.nodes().stream().filter(node -> !sharing.contains(node)).toList();
        return new MigrationTargets(
                Stream.concat(best.stream(), copying.stream()).toList(), copying.size(), ranking.rejections());
    }

    private Ranking rank(Requests requests, Predicate<NodeInfo> among, List<PlacementPredicate> additional) {
        VmAffinityIndex affinity = new VmAffinityIndex(requests.constraints(), placedVms, nodes());
        List<PlacementPredicate> predicates = new ArrayList<>(new Predicates(requests, policy, affinity).all());
        predicates.addAll(additional);
        List<Rejection> rejections = new ArrayList<>();
        List<Score> scores = new ArrayList<>();
        for (NodeInfo node : nodes()) {
            if (among.test(node)) {
                rejection(node, predicates)
                        .ifPresentOrElse(rejections::add, () -> scores.add(Score.of(node, requests, policy, affinity)));
            }
        }
        scores.sort(Score.bestFirst(policy.strategy()));
        rejections.sort(Comparator.comparing(Rejection::node));
        return new Ranking(scores.stream().map(Score::node).toList(), rejections);
    }

    private static Optional<Rejection> rejection(NodeInfo node, List<PlacementPredicate> predicates) {
        for (PlacementPredicate predicate : predicates) {
            Optional<RejectionReason> rejected = predicate.rejection(node);
            if (rejected.isPresent()) {
                return rejected.map(reason -> new Rejection(node.name(), reason.message(), reason.summary()));
            }
        }
        return Optional.empty();
    }
}
