package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.node.ClusterNodeStatus;
import io.trustedlaunch.custody.AssignmentKey.Assignment;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.ReportedIncarnation;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A node's report of a VM.
 *
 * @param proved what the operator assigned to the node, if the report proves it
 */
record NodeReport(String node, ClusterNodeStatus.Domain domain, Supplier<Optional<Assignment>> proved) {
    ReportedIncarnation incarnation() {
        return new ReportedIncarnation(node, domain.epoch());
    }

    /** The epoch whose guest it was to take over; empty: it was to start the VM. */
    Optional<Long> source() {
        return proved.get().flatMap(Assignment::source);
    }
}
