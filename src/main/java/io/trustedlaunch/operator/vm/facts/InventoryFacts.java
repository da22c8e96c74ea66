package io.trustedlaunch.operator.vm.facts;

import java.util.List;
import java.util.Optional;

/**
 * What the nodes answered when this operator began to lead.
 *
 * @param unanswered nodes that have not answered yet and are not fenced
 * @param latest where the VM was seen with its highest epoch
 */
public record InventoryFacts(List<String> unanswered, Optional<Sighting> latest) {
    /** A life that is known of from elsewhere than the VM's status. */
    public record Sighting(String node, long epoch) {}
}
