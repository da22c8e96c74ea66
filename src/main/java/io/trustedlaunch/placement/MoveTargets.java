package io.trustedlaunch.placement;

import java.util.List;
import java.util.Optional;

/**
 * Where a guest that runs could go on.
 *
 * @param nodes that can take it, the best first: those that have its disks before those that need a copy
 * @param copies how many of them need one
 * @param rejections of all others but its own
 */
public record MoveTargets(List<String> nodes, int copies, List<Rejection> rejections) {
    public Optional<String> best() {
        return nodes.stream().findFirst();
    }

    /** For a condition. */
    public String whyNot() {
        return Rejections.message(rejections);
    }
}
