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
                return String.join(
                        "; ",
                        rejections.stream()
                                .map(rejection -> rejection.node() + ": " + rejection.why())
                                .toList());
            }
        }
    }

    /** Why one node cannot take the VM. */
    public record Rejection(String node, String why) {}

    public static Outcome choose(Demand demand, List<Candidate> candidates) {
        List<Rejection> rejections = new ArrayList<>();
        List<Candidate> fitting = new ArrayList<>();
        for (Candidate candidate : candidates) {
            rejection(demand, candidate)
                    .ifPresentOrElse(
                            why -> rejections.add(new Rejection(candidate.name(), why)), () -> fitting.add(candidate));
        }
        // The name decides between equals, so that the same facts always give the same node.
        return fitting.stream()
                .max(Comparator.comparingLong(Candidate::freeMemory)
                        .thenComparing(Comparator.comparing(Candidate::name).reversed()))
                .<Outcome>map(candidate -> new Outcome.Chosen(candidate.name()))
                .orElseGet(() -> new Outcome.Rejected(rejections.stream()
                        .sorted(Comparator.comparing(Rejection::node))
                        .toList()));
    }

    private static Optional<String> rejection(Demand demand, Candidate candidate) {
        return Predicates.ALL.stream()
                .flatMap(predicate -> predicate.rejection(demand, candidate).stream())
                .findFirst();
    }
}
