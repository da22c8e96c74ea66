package io.trustedlaunch.placement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Chooses a node: first who can take the VM at all, then who has most memory left. */
public final class Placement {
    private Placement() {}

    /** What came of it. */
    public sealed interface Outcome {
        /** The node to use. */
        record Chosen(String node) implements Outcome {}

        /** No candidate can take the VM; one entry a node, none if there is no node. */
        record Rejected(List<Rejection> rejections) implements Outcome {
            /** For a condition: node by node. */
            public String message() {
                return Rejection.message(rejections);
            }
        }
    }

    /** Why one node cannot take the VM. */
    public record Rejection(String node, String why) {
        static String message(List<Rejection> rejections) {
            return String.join(
                    "; ",
                    rejections.stream()
                            .map(rejection -> rejection.node() + ": " + rejection.why())
                            .toList());
        }
    }

    /** Who can take the VM, the best first, and why the others cannot. */
    record Fit(List<Candidate> fitting, List<Rejection> rejections) {
        List<String> names() {
            return fitting.stream().map(Candidate::name).toList();
        }
    }

    public static Outcome choose(Demand demand, List<Candidate> candidates) {
        Fit fit = fit(demand, candidates, Predicates.ALL);
        return fit.names().stream()
                .findFirst()
                .<Outcome>map(Outcome.Chosen::new)
                .orElseGet(() -> new Outcome.Rejected(fit.rejections()));
    }

    static Fit fit(Demand demand, List<Candidate> candidates, List<PlacementPredicate> predicates) {
        List<Rejection> rejections = new ArrayList<>();
        List<Candidate> fitting = new ArrayList<>();
        for (Candidate candidate : candidates) {
            rejection(demand, candidate, predicates)
                    .ifPresentOrElse(
                            why -> rejections.add(new Rejection(candidate.name(), why)), () -> fitting.add(candidate));
        }
        // The name decides between equals, so that the same facts always give the same node.
        fitting.sort(Comparator.comparingLong(Candidate::freeMemory).reversed().thenComparing(Candidate::name));
        rejections.sort(Comparator.comparing(Rejection::node));
        return new Fit(fitting, rejections);
    }

    private static Optional<String> rejection(Demand demand, Candidate candidate, List<PlacementPredicate> predicates) {
        return predicates.stream()
                .flatMap(predicate -> predicate.rejection(demand, candidate).stream())
                .findFirst();
    }
}
