package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.VMIncarnationSpec.Pace;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.operator.vm.facts.EkReport;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.InventoryFacts.Sighting;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Decides what is to be done for a VM now. */
public final class VmPlanner {
    /** Ends that are no success of the guest's. */
    private static final Set<Exit> NOT_ITS_DOING = EnumSet.of(Exit.Crashed, Exit.NeverRan, Exit.HostShutdown);

    private final String namespace;
    private final boolean escrows;
    private final Pace pace;

    /**
     * @param namespace the operator's own
     * @param escrows there is a certificate that protection keys are escrowed for
     * @param pace of the moves of guests
     */
    public VmPlanner(String namespace, boolean escrows, Pace pace) {
        this.namespace = namespace;
        this.escrows = escrows;
        this.pace = pace;
    }

    public VmStep plan(VmFacts facts) {
        if (facts.vm().isMarkedForDeletion() && !facts.hasFinalizer()) {
            return new VmStep.Gone();
        }
        if (VmTakeover.isAhead(facts)) {
            return new VmTakeover(facts).plan();
        }
        if (facts.keeping().heldByAnotherThan(facts.ownerUid())) {
            return dispossessed(facts);
        }
        Optional<VmStep> adoption = adopt(facts);
        if (adoption.isPresent()) {
            return adoption.get();
        }
        return new VmMigrationPlan(facts, namespace, pace)
                .underway()
                .map(step -> withWhatFollows(facts, step))
                .orElseGet(() -> facts.vm().isMarkedForDeletion()
                        ? deleted(facts)
                        : withoutSpentEnvelopes(facts, living(facts)));
    }

    /** What keeps a move from beginning; empty if nothing does. */
    public Optional<Problem> migrationProblem(VmFacts facts, VMMigration move) {
        return switch (new VmMigrationPlan(facts, namespace, pace).target(move)) {
            case Migratability.Target.None none -> Optional.of(none.why());
            case Migratability.Target.Node node -> Optional.empty();
        };
    }

    /** What becomes of a move and what the VM is in then are one write. */
    private VmStep withWhatFollows(VmFacts facts, VmStep step) {
        return switch (step) {
            case VmStep.ReserveMove reserve ->
                new VmStep.ReserveMove(reserve.migration(), shown(facts.recording(reserve.migration())));
            case VmStep.EndMove end -> new VmStep.EndMove(end.migration(), shown(facts.recording(end.migration())));
            default -> step;
        };
    }

    private Optional<VmStep> shown(VmFacts facts) {
        return facts.current()
                .filter(incarnation -> !facts.vm().isMarkedForDeletion())
                .map(incarnation -> course(facts, incarnation))
                .filter(step -> step instanceof VmStep.Idle || step instanceof VmStep.Retire);
    }

    private VmStep deleted(VmFacts facts) {
        return VmRetention.applies(facts)
                ? new VmRetention(facts, namespace).plan()
                : new VmDeletionPlan(facts, namespace).plan();
    }

    /** Not in the ordinary course: a VM is taken over when its former owner is gone. */
    private static VmStep dispossessed(VmFacts facts) {
        return facts.vm().isMarkedForDeletion()
                ? new VmStep.Release(List.of(), List.of())
                : new VmStep.Refuse(
                        Reason.RetainedVMInUse,
                        "another VM has taken this one over, as annotation " + Api.TAKEN_OVER_BY + " of Secret "
                                + facts.uid() + " says; nothing is started or removed");
    }

    /** Where another life follows at once, the envelope goes with its incarnation, and costs no write of its own. */
    private static VmStep withoutSpentEnvelopes(VmFacts facts, VmStep step) {
        return facts.incarnations().stream()
                .filter(incarnation -> step instanceof VmStep.Idle
                        && incarnation.isOver()
                        && incarnation.hasEnvelope()
                        && !incarnation.owesItsState())
                .findFirst()
                .<VmStep>map(VmStep.RemoveEnvelope::new)
                .orElse(step);
    }

    /** The record was restored from an older state: whoever has the later epoch has the VM. */
    private static Optional<VmStep> adopt(VmFacts facts) {
        return facts.inventory()
                .latest()
                .filter(seen -> seen.epoch() > facts.epoch())
                .filter(seen -> !facts.openMove().map(move -> move.epoch()).equals(Optional.of(seen.epoch())))
                .map(seen -> new VmStep.Adopt(seen.node(), seen.epoch()));
    }

    private VmStep living(VmFacts facts) {
        if (facts.epoch() == 0) {
            return facts.isHalted()
                    ? new VmStep.Settled(Reason.Halted, "never started, as runStrategy is Halted")
                    : start(facts, Optional.empty());
        }
        if (!facts.hasFinalizer()) {
            return new VmStep.AddFinalizer();
        }
        Optional<Incarnation> current = facts.current();
        return current.isEmpty()
                ? RetainedIncarnation.of(facts, namespace)
                        .map(incarnation -> stopped(facts, incarnation))
                        .orElseGet(() -> new VmRecreation(facts, namespace).missing())
                : new PreviousIncarnations(facts).clear(current.get()).orElseGet(() -> course(facts, current.get()));
    }

    private VmStep course(VmFacts facts, Incarnation incarnation) {
        Optional<VmStep> refusal = contradiction(facts, incarnation);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        return switch (incarnation.desired()) {
            case Erased -> afterErasure(facts, incarnation);
            case Stopped -> stopped(facts, incarnation);
            case Running ->
                facts.isHalted() && !isArriving(facts, incarnation)
                        ? retireHalted(incarnation)
                        : running(facts, incarnation);
        };
    }

    /** A guest that is between two nodes is not asked to shut down: it could not hear it. */
    private static boolean isArriving(VmFacts facts, Incarnation incarnation) {
        return incarnation.isComing()
                && facts.agentIsAlive(incarnation.node())
                && AgentReport.problem(incarnation).isEmpty();
    }

    private static Optional<VmStep> contradiction(VmFacts facts, Incarnation incarnation) {
        Optional<String> recorded = facts.recordedEk();
        if (recorded.isPresent() && incarnation.ek().isPresent() && !recorded.equals(incarnation.ek())) {
            return Optional.of(new VmStep.Refuse(
                    Reason.EkMismatch,
                    "the TPM on " + incarnation.node() + " has the endorsement key "
                            + incarnation.ek().get() + ", on record is " + recorded.get()
                            + "; nothing is started or removed"));
        }
        if (recorded.isEmpty() && incarnation.ekReport() instanceof EkReport.Contradictory report) {
            return Optional.of(new VmStep.Refuse(
                    Reason.EkUnproved,
                    "the agent of " + incarnation.node() + " tells of an endorsement key that does not fit its digest: "
                            + report.why() + "; nothing of it goes on record, nothing is started or removed; the "
                            + "agent's version and whoever else writes its VMIncarnations must be looked into"));
        }
        return facts.inventory()
                .latest()
                .filter(seen -> seen.epoch() == facts.epoch() && !seen.node().equals(incarnation.node()))
                .map(seen -> new VmStep.Refuse(elsewhere(seen, incarnation)));
    }

    private static Problem elsewhere(Sighting seen, Incarnation incarnation) {
        return new Problem(
                Reason.WorkingCopyElsewhere,
                "epoch " + seen.epoch() + " is on record for " + incarnation.node() + ", but was also seen on "
                        + seen.node() + ": an administrator must remove one of the two");
    }

    /** Whose guest has left for there is told so first: who was never told removes what came of its disks. */
    private static VmStep retireHalted(Incarnation incarnation) {
        boolean told = !incarnation.isComing()
                || incarnation.arrival().filter(arrival -> !arrival.left()).isEmpty();
        return told ? new VmStep.Retire(incarnation, Reason.Stopping) : new VmStep.TellLeft(incarnation);
    }

    /** Only a life that left nothing behind is ever erased while its VM lives: to make room for one elsewhere. */
    private VmStep afterErasure(VmFacts facts, Incarnation incarnation) {
        if (!incarnation.isErased()) {
            return new VmStep.Wait(
                    Reason.Starting,
                    "what was prepared on " + incarnation.node() + " is removed before another node is used");
        }
        if (!incarnation.leftNothingBehind() || !facts.knowsOfNoTpm()) {
            return new VmStep.Refuse(
                    Reason.TpmStateMissing,
                    "the VM's state was removed from " + incarnation.node() + "; never made anew");
        }
        return facts.isHalted() ? halted() : start(facts, Optional.of(incarnation));
    }

    /** On record, with the VM's version, before the agent is told: an operator that lags behind removes nothing. */
    static Problem clearing(Incarnation incarnation) {
        return new Problem(
                Reason.Starting,
                "what was prepared on " + incarnation.node() + " is removed before another node is used");
    }

    private VmStep stopped(VmFacts facts, Incarnation incarnation) {
        if (!incarnation.isOver()) {
            return new VmRecreation(facts, namespace)
                    .envelopeToEnd(incarnation)
                    .orElseGet(() -> new VmStep.Wait(stopping(facts, incarnation)));
        }
        return facts.isHalted() ? halted() : another(facts, incarnation);
    }

    /**
     * An agent that cannot seal the last state does not call the life over. What kept it from preparing the life is no
     * trouble of its end, unless the agent says so again.
     */
    private static Problem stopping(VmFacts facts, Incarnation incarnation) {
        Optional<Problem> problem = Optional.of(incarnation)
                .filter(one -> one.hasAnswered() || !one.hasNotRunYet())
                .flatMap(AgentReport::problem);
        boolean keyMissing = !incarnation.hasEnvelope() && facts.key() instanceof KeyFacts.Absent;
        return problem.map(reported -> keyMissing ? StartChecks.keyMissing(facts) : reported)
                .orElseGet(() -> ending(facts, incarnation, facts.isHalted() ? Reason.Stopping : Reason.Restarting));
    }

    /** The same words before and after the agent was told, so that they are written once. */
    static Problem ending(VmFacts facts, Incarnation incarnation, Reason reason) {
        return new Problem(
                reason,
                facts.agentIsAlive(incarnation.node())
                        ? "the guest on " + incarnation.node() + " is asked to end"
                        : "the guest on " + incarnation.node() + " is to end, but the agent there is silent");
    }

    private static VmStep halted() {
        return new VmStep.Settled(Reason.Halted, "off, as runStrategy is Halted");
    }

    private VmStep running(VmFacts facts, Incarnation incarnation) {
        return switch (incarnation.phase()) {
            case Preparing, Receiving, Prepared -> preparing(facts, incarnation);
            case Running -> up(facts, incarnation);
            case Stopping ->
                new VmStep.Wait(Reason.Stopping, "the guest on " + incarnation.node() + " is shutting down");
            case Stopped, Erased -> ended(facts, incarnation);
        };
    }

    private VmStep preparing(VmFacts facts, Incarnation incarnation) {
        VmRecreation recreation = new VmRecreation(facts, namespace);
        if (incarnation.isComing()) {
            return arriving(facts, incarnation, recreation);
        }
        if (recreation.differs(incarnation)) {
            // It never ran, so what it prepared is prepared again, for what the spec says now.
            return new VmStep.Retire(incarnation, Reason.Restarting);
        }
        if (!incarnation.hasEnvelope()) {
            return recreation.envelopeFor(incarnation);
        }
        Optional<VmStep> approval = approval(facts, incarnation);
        if (approval.isPresent()) {
            return approval.get();
        }
        return new VmStep.Wait(silence(facts, incarnation)
                .orElseGet(() -> AgentReport.problem(incarnation)
                        .orElseGet(() -> new Problem(Reason.Starting, progress(incarnation)))));
    }

    /** Its guest has left where it was. */
    private static VmStep arriving(VmFacts facts, Incarnation incarnation, VmRecreation recreation) {
        if (!incarnation.hasEnvelope()) {
            return recreation.envelopeFor(incarnation);
        }
        if (incarnation.arrival().filter(arrival -> !arrival.left()).isPresent()) {
            return new VmStep.TellLeft(incarnation);
        }
        return new VmStep.Wait(silence(facts, incarnation)
                .or(() -> AgentReport.problem(incarnation))
                .orElseGet(() -> new Problem(
                        Reason.Migrating,
                        "the guest has left "
                                + incarnation.arrival().map(Arrival::nodeName).orElseThrow() + " and is taken over on "
                                + incarnation.node() + " (epoch " + incarnation.epoch() + ")")));
    }

    /** Of a life that begins unhindered, the agent may have claimed the home already, with what it found there. */
    private static Optional<VmStep> approval(VmFacts facts, Incarnation incarnation) {
        Optional<GuestStateVersion> approved = facts.guestState().approved();
        boolean blocked = incarnation.phase() == Phase.Preparing
                && incarnation.claim().isEmpty()
                && AgentReport.problem(incarnation).isPresent();
        return blocked && !approved.equals(incarnation.approved())
                ? Optional.of(new VmStep.HandApproval(incarnation, approved))
                : Optional.empty();
    }

    /** The agent tells of a copy that takes long; of nothing else, so that a quick start costs no write. */
    private static String progress(Incarnation incarnation) {
        String preparing = "epoch " + incarnation.epoch() + " is being prepared on " + incarnation.node();
        return incarnation
                .status()
                .filter(status -> status.phase() == Phase.Preparing)
                .map(VMIncarnationStatus::message)
                .map(said -> preparing + ": " + said)
                .orElse(preparing);
    }

    private VmStep up(VmFacts facts, Incarnation incarnation) {
        // A guest that is on its way elsewhere arrives first.
        if (facts.isRestartAsked() && facts.openMove().isEmpty()) {
            return new VmStep.Retire(incarnation, Reason.Restarting);
        }
        Optional<Problem> problem = silence(facts, incarnation).or(() -> AgentReport.problem(incarnation));
        if (problem.isPresent()) {
            return new VmStep.Wait(problem.get());
        }
        Optional<VmStep> move = facts.openMove().isPresent()
                ? Optional.empty()
                : new VmMigrationPlan(facts, namespace, pace)
                        .begin(incarnation)
                        .map(step -> withWhatFollows(facts, step));
        if (move.isPresent()) {
            return move.get();
        }
        if (escrows && !incarnation.hasEscrow() && facts.key() instanceof KeyFacts.Held) {
            return new VmStep.SealEscrow(incarnation);
        }
        String pending = new VmRecreation(facts, namespace).differs(incarnation)
                ? "; the spec has changed, which takes effect at the next start"
                : "";
        String here = "runs on " + incarnation.node() + " (epoch " + incarnation.epoch() + ")";
        return facts.openMove()
                .map(open -> new VmStep.Settled(
                        Reason.Migrating,
                        here + ", and is being moved to " + open.targetNode() + " by VMMigration " + open.name()
                                + pending))
                .orElseGet(() -> new VmStep.Settled(Reason.Running, here + pending));
    }

    private VmStep ended(VmFacts facts, Incarnation incarnation) {
        boolean stays = facts.spec().runStrategy() == RunStrategy.RerunOnFailure
                && incarnation.exit().filter(NOT_ITS_DOING::contains).isEmpty()
                && !facts.isRestartAsked();
        return stays
                ? new VmStep.Settled(
                        Reason.Succeeded,
                        "the guest shut itself down; runStrategy RerunOnFailure starts it again only after a crash")
                : another(facts, incarnation);
    }

    /** A new epoch is never reserved while the EK of the last one is on record only in its incarnation. */
    private VmStep another(VmFacts facts, Incarnation incarnation) {
        return incarnation.ek().isPresent() && facts.recordedEk().isEmpty()
                ? new VmStep.Record()
                : start(facts, Optional.of(incarnation));
    }

    private VmStep start(VmFacts facts, Optional<Incarnation> last) {
        return new VmStartPlan(facts, last).next();
    }

    private static Optional<Problem> silence(VmFacts facts, Incarnation incarnation) {
        if (facts.agentIsAlive(incarnation.node())) {
            return Optional.empty();
        }
        return Optional.of(new Problem(
                Reason.AgentNotAlive,
                "the agent on " + incarnation.node() + " is silent, so what the guest does is not known;"
                        + " nothing is started elsewhere"));
    }
}
