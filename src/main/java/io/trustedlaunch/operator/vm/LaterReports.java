package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.node.ClusterNodeStatus.PendingArrival;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Outcome;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.ReportedIncarnation;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.util.List;
import java.util.Optional;

/**
 * Which reports are of a later incarnation than the VM's record has. A node that was the target of a migration keeps the proof
 * of it, also if the guest stayed where it was, so such a proof counts for that migration alone: the guest must have left its
 * source for exactly that epoch.
 *
 * @param reports that count at all
 * @param haveAllAnswered whether all nodes have answered this leader
 */
record LaterReports(VmObject vm, List<Incarnation> incarnations, List<NodeReport> reports, boolean haveAllAnswered) {
    private enum Whereabouts {
        LEFT,
        STAYED,
        UNKNOWN
    }

    /** The target of a failed migration may still report the epoch that it prepared. */
    static boolean isTargetOfFailedMigration(VmObject vm, VMIncarnation incarnation) {
        return isOfLastFailedMigration(
                        vm,
                        new ReportedIncarnation(
                                incarnation.getSpec().nodeName(),
                                incarnation.getSpec().epoch()))
                || (incarnation.getSpec().arrival() != null
                        && hasStayed(vm, incarnation.getSpec().epoch()));
    }

    boolean mayBeLatest(NodeReport report) {
        return !isOfLastFailedMigration(vm, report.incarnation())
                && hasBegun(report)
                && (!isLaterArrival(report) || whereabouts(report) == Whereabouts.LEFT);
    }

    /** It is not known how their migrations ended: the VM is started nowhere before that. */
    List<ReportedIncarnation> contested() {
        return reports.stream()
                .filter(report -> isLaterArrival(report) && whereabouts(report) == Whereabouts.UNKNOWN)
                .map(NodeReport::incarnation)
                .toList();
    }

    private boolean isLaterArrival(NodeReport report) {
        return report.domain().epoch() > vm.epoch() && report.source().isPresent();
    }

    private static boolean isOfLastFailedMigration(VmObject vm, ReportedIncarnation reported) {
        return vm.migration()
                .filter(migration -> migration.outcome() == Outcome.Stayed)
                .filter(migration ->
                        reported.equals(new ReportedIncarnation(migration.targetNode(), migration.epoch())))
                .isPresent();
    }

    /** The record has a later epoch for a migration of the same guest, which one that has left would have ended. */
    private static boolean hasStayed(VmObject vm, long epoch) {
        return epoch > vm.epoch()
                && vm.migration()
                        .filter(last ->
                                epoch < last.epoch() || (epoch == last.epoch() && last.outcome() == Outcome.Stayed))
                        .isPresent();
    }

    /**
     * A guest that waits to be resumed counts only once it has left its source, and if its source has forgotten it: otherwise the
     * source's agent says how the migration ends.
     */
    private boolean hasBegun(NodeReport report) {
        PendingArrival arrival = report.domain().arrival();
        return arrival == null || (arrival.left() && haveAllAnswered && isReportedNowhere(arrival.sourceEpoch()));
    }

    private Whereabouts whereabouts(NodeReport report) {
        long epoch = report.domain().epoch();
        if (hasStayed(vm, epoch)) {
            return Whereabouts.STAYED;
        }
        if (vm.migration().filter(last -> last.epoch() == epoch).isPresent()) {
            return Whereabouts.LEFT;
        }
        Optional<Incarnation> source = incarnations.stream()
                .filter(incarnation -> report.source().equals(Optional.of(incarnation.epoch())))
                .findFirst();
        if (source.filter(one -> hasReportedLeft(one, epoch)).isPresent()) {
            return Whereabouts.LEFT;
        }
        if (source.flatMap(one -> one.reportedStay(epoch)).isPresent()) {
            return Whereabouts.STAYED;
        }
        // Only restored data does not know of the migration, and then each node has answered since.
        boolean isForgotten = haveAllAnswered
                && isReportedNowhere(report.source().orElseThrow())
                && source.filter(one -> one.phase() == Phase.Running).isEmpty();
        return isForgotten ? Whereabouts.LEFT : Whereabouts.UNKNOWN;
    }

    private static boolean hasReportedLeft(Incarnation source, long epoch) {
        return source.reportedDeparture(Course.Left)
                .filter(departure -> departure.epoch() == epoch)
                .isPresent();
    }

    private boolean isReportedNowhere(long source) {
        return reports.stream()
                .map(NodeReport::domain)
                .noneMatch(there -> there.arrival() == null && there.epoch() == source);
    }
}
