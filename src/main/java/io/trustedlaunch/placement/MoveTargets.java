package io.trustedlaunch.placement;

import java.util.List;
import java.util.Optional;

/**
 * Where a guest that runs could go on.
 *
 * @param nodes that can take it, the best first
 * @param rejections of all others but its own
 */
public record MoveTargets(List<String> nodes, List<Rejection> rejections) {
    public Optional<String> best() {
        return nodes.stream().findFirst();
    }

    /** For a condition. */
    public String whyNot() {
        return Rejections.message(rejections);
    }
}
