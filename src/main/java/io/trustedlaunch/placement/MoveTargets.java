package io.trustedlaunch.placement;

import io.trustedlaunch.placement.Placement.Rejection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a guest that runs could go on.
 *
 * @param nodes that can take it, the best first
 * @param rejections of all others but its own
 */
public record MoveTargets(List<String> nodes, List<Rejection> rejections) {
    /** @param source the node that it runs on */
    public static MoveTargets of(Demand demand, Candidate source, List<Candidate> candidates) {
        List<PlacementPredicate> predicates = new ArrayList<>(Predicates.ALL);
        predicates.addAll(MovePredicates.from(source));
        Placement.Fit fit = Placement.fit(
                demand,
                candidates.stream()
                        .filter(node -> !node.name().equals(source.name()))
                        .toList(),
                predicates);
        return new MoveTargets(fit.names(), fit.rejections());
    }

    public Optional<String> best() {
        return nodes.stream().findFirst();
    }

    /** Node by node. */
    public String whyNot() {
        return Rejection.message(rejections);
    }
}
