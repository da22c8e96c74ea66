package io.trustedlaunch.placement;

import java.util.List;
import java.util.Optional;

/**
 * The nodes that a running VM can migrate to.
 *
 * @param nodes the best first: those that share its disks before those that need a copy
 * @param copies how many of them need a copy
 * @param rejections of all other nodes, except the VM's own
 */
public record MigrationTargets(List<String> nodes, int copies, List<Rejection> rejections) {
    public Optional<String> best() {
        return nodes.stream().findFirst();
    }

    /** Why the other nodes are rejected, for a condition. */
    public String message() {
        return Rejections.message(rejections);
    }
}
