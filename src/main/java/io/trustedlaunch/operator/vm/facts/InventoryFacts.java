package io.trustedlaunch.operator.vm.facts;

import java.util.List;
import java.util.Optional;

/**
 * The answers of the nodes since this operator became the leader.
 *
 * @param unanswered nodes that must report their VMs before anything is started; none once the record is known to be current
 * @param latest the VM's highest epoch that was reported, and its node
 * @param onNodes the epochs of which nodes have something
 * @param unproved later than the record of a VM that was recovered, and reported without proof; of any other VM none, since
 *     nothing follows from such reports
 * @param contested later than the record and proved, as targets of migrations of which no record and no source says how they
 *     ended
 */
public record InventoryFacts(
        List<String> unanswered,
        Optional<ReportedIncarnation> latest,
        List<ReportedIncarnation> onNodes,
        List<ReportedIncarnation> unproved,
        List<ReportedIncarnation> contested) {
    /** An incarnation that a node or a VMIncarnation shows, whatever the VM's status says. */
    public record ReportedIncarnation(String node, long epoch) {}
}
