package io.trustedlaunch.operator.vm.facts;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a VM of a dead node may be started elsewhere now, beside the others that are.
 *
 * @param behind what it waits for; empty if it is its turn
 * @param fullNodes the nodes on which as many such starts are under way as one does at a time
 * @param lookAgain when to ask again, if it must wait
 */
public record FailoverTurn(Optional<String> behind, Set<String> fullNodes, Duration lookAgain) {
    public boolean isOpen(String node) {
        return !fullNodes.contains(node);
    }
}
