package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.operator.vm.facts.EkReport;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.ReportedIncarnation;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.Optional;

/** Reports of agents that contradict the VM's record: only a person can decide between them. */
final class RecordContradiction {
    private RecordContradiction() {}

    static Optional<VmStep> of(VmFacts facts, Incarnation incarnation) {
        Optional<String> recorded = facts.vm().ek();
        if (recorded.isPresent() && incarnation.ek().isPresent() && !recorded.equals(incarnation.ek())) {
            return Optional.of(new VmStep.Refuse(
                    Reason.EkMismatch,
                    "the TPM on " + incarnation.node() + " has endorsement key "
                            + incarnation.ek().get()
                            + ", but endorsement key " + recorded.get()
                            + " is on record; nothing is started or removed. Restore the TPM state of this VM on that"
                            + " node"));
        }
        if (recorded.isEmpty() && facts.incarnations().ek() instanceof EkReport.Contradictory report) {
            return Optional.of(new VmStep.Refuse(
                    Reason.EkUnproved,
                    "the agent on " + incarnation.node() + " reports an endorsement key that cannot be verified: "
                            + report.why() + "; it does not go on record, and nothing is started or removed. Check the"
                            + " version of the agent, and who else writes its VMIncarnations"));
        }
        return facts.nodes()
                .inventory()
                .latest()
                .filter(seen ->
                        seen.epoch() == facts.vm().epoch() && !seen.node().equals(incarnation.node()))
                .flatMap(seen -> sameEpoch(facts, incarnation, seen));
    }

    /**
     * Restored data did not know the other one: the epoch was handed out twice. The one that never ran gives way, and one
     * that may have run if a user has approved the state to go on from.
     */
    private static Optional<VmStep> sameEpoch(VmFacts facts, Incarnation incarnation, ReportedIncarnation seen) {
        boolean hasTheTpm = incarnation.isFirstStart() && facts.vm().ek().isPresent() && !incarnation.hasRun();
        if (hasTheTpm) {
            // The incarnation that never ran on the other node has another TPM. The next epoch here is later than both.
            return incarnation.isOver() ? Optional.empty() : retired(incarnation);
        }
        boolean approved = facts.guestState().approvedNext().isPresent();
        if (incarnation.neverRan() || (incarnation.isOver() && approved)) {
            return Optional.of(
                    facts.vm().nodeName().equals(Optional.of(seen.node()))
                            ? new RemovalStep.RemoveIncarnation(incarnation)
                            : new VmStep.Adopt(seen.node(), seen.epoch()));
        }
        boolean ends = (incarnation.status().isPresent() && incarnation.hasNotRunYet())
                || (facts.vm().isHalted() && !incarnation.isOver());
        return ends ? retired(incarnation) : Optional.of(new VmStep.Refuse(elsewhere(seen, incarnation)));
    }

    private static Optional<VmStep> retired(Incarnation incarnation) {
        return incarnation.desired() == DesiredState.Running
                ? Optional.of(new VmStep.Retire(incarnation, Reason.Restarting))
                : Optional.empty();
    }

    private static Problem elsewhere(ReportedIncarnation seen, Incarnation incarnation) {
        return new Problem(
                Reason.WorkingCopyElsewhere,
                "epoch " + seen.epoch() + " is on record for " + incarnation.node() + ", but " + seen.node()
                        + " reports it too: the API server's data was restored from a backup. Stop the VM (runStrategy:"
                        + " Halted), approve a guest state with spec.approveGuestState, and start the VM again: it goes on"
                        + " from that state, and what is newer on either node is set aside");
    }
}
