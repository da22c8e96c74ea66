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
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.Over;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Plans the next step for a VM. */
public final class VmPlanner {
    /** After these exits, RerunOnFailure starts the guest again. */
    private static final Set<Exit> FAILURES = EnumSet.of(Exit.Crashed, Exit.NeverRan, Exit.HostShutdown);

    private final String namespace;
    private final boolean escrows;
    private final Pace pace;

    /**
     * @param namespace the operator's own
     * @param escrows whether protection keys are escrowed
     * @param pace of live migrations
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
        if (facts.retained().heldByAnotherThan(facts.ownerUid())) {
            return takenOver(facts);
        }
        Optional<VmStep> adoption = adopt(facts);
        if (adoption.isPresent()) {
            return adoption.get();
        }
        return new VmMigrationPlan(facts, namespace, pace)
                .underway()
                .map(step -> withStatus(facts, step))
                .or(() -> GuestShutdown.change(facts))
                .orElseGet(() -> facts.vm().isMarkedForDeletion()
                        ? RestorePlan.beforeDeletion(facts).orElseGet(() -> deleted(facts))
                        : withoutUsedEnvelopes(facts, existing(facts)));
    }

    /** Why a migration cannot start; empty if it can. */
    public Optional<Problem> migrationProblem(VmFacts facts, VMMigration migration) {
        return switch (new VmMigrationPlan(facts, namespace, pace).target(migration)) {
            case Migratability.Target.None none -> Optional.of(none.problem());
            case Migratability.Target.Node node -> Optional.empty();
        };
    }

    /** Puts a migration on record together with the status that follows from it, in one write. */
    private VmStep withStatus(VmFacts facts, VmStep step) {
        return switch (step) {
            case MigrationStep.ReserveMigration reserve ->
                new MigrationStep.ReserveMigration(reserve.migration(), shown(facts.recording(reserve.migration())));
            case MigrationStep.EndMigration end ->
                new MigrationStep.EndMigration(end.migration(), shown(facts.recording(end.migration())));
            default -> step;
        };
    }

    private Optional<VmStep> shown(VmFacts facts) {
        return facts.current()
                .filter(incarnation -> !facts.vm().isMarkedForDeletion())
                .map(incarnation -> current(facts, incarnation))
                .filter(step -> step instanceof VmStep.Idle || step instanceof VmStep.Retire);
    }

    private VmStep deleted(VmFacts facts) {
        return VmRetention.applies(facts)
                ? new VmRetention(facts, namespace).plan()
                : new VmDeletionPlan(facts, namespace).plan();
    }

    /** Only if the API server's data was changed: a VM is taken over after its former owner is gone. */
    private static VmStep takenOver(VmFacts facts) {
        return facts.vm().isMarkedForDeletion()
                ? new VmStep.Release(List.of(), List.of())
                : new VmStep.Refuse(
                        Reason.RetainedVMInUse,
                        "another VM has taken over this VM (see annotation " + Api.TAKEN_OVER_BY + " of Secret "
                                + facts.uid()
                                + "); nothing is started or removed. Delete this VM: that removes no file and no"
                                + " key of the other one");
    }

    /**
     * Only if nothing else is to do: if another incarnation follows, the envelope goes with the old one without a
     * write.
     */
    private static VmStep withoutUsedEnvelopes(VmFacts facts, VmStep step) {
        return facts.incarnations().stream()
                .filter(incarnation -> step instanceof VmStep.Idle
                        && incarnation.isOver()
                        && incarnation.hasEnvelope()
                        && !incarnation.keepsWhatItLeft()
                        // It may be the only copy of a lost key.
                        && facts.key() instanceof KeyFacts.Held)
                .findFirst()
                .<VmStep>map(VmStep.RemoveEnvelope::new)
                .orElse(step);
    }

    /** If the record was restored from an older state, the node with a later epoch has the VM. */
    private static Optional<VmStep> adopt(VmFacts facts) {
        return facts.inventory()
                .latest()
                .filter(seen -> seen.epoch() > facts.epoch())
                .filter(seen -> !facts.openMigration()
                        .map(migration -> migration.epoch())
                        .equals(Optional.of(seen.epoch())))
                .map(seen -> new VmStep.Adopt(seen.node(), seen.epoch()));
    }

    private VmStep existing(VmFacts facts) {
        if (facts.epoch() == 0) {
            return facts.isHalted()
                    ? new VmStep.Settled(Reason.Halted, "the VM was never started, because runStrategy is Halted")
                    : new VmStartPlan(facts).next();
        }
        if (!facts.hasFinalizer()) {
            return new VmStep.AddFinalizer();
        }
        Optional<Incarnation> current = facts.current();
        if (current.isPresent()) {
            return new PreviousIncarnations(facts).clear(current.get()).orElseGet(() -> current(facts, current.get()));
        }
        return VmTakeover.isOfEndedIncarnation(facts)
                ? haltedOrNext(facts)
                : new VmRecreation(facts, namespace).missing();
    }

    private VmStep haltedOrNext(VmFacts facts) {
        return facts.isHalted() ? halted(facts) : new VmStartPlan(facts).next();
    }

    private VmStep current(VmFacts facts, Incarnation incarnation) {
        Optional<VmStep> contradiction = RecordContradiction.of(facts, incarnation);
        if (contradiction.isPresent()) {
            return contradiction.get();
        }
        return switch (incarnation.desired()) {
            case Erased -> afterErasure(facts, incarnation);
            case Stopped -> stopped(facts, incarnation);
            case Running ->
                facts.isHalted() && !canArrive(facts, incarnation)
                        ? retireHalted(incarnation)
                        : running(facts, incarnation);
        };
    }

    /** A guest that is paused between two nodes cannot be asked to shut down. */
    private static boolean canArrive(VmFacts facts, Incarnation incarnation) {
        return incarnation.isArriving()
                && facts.isAgentAlive(incarnation.node())
                && AgentReport.problem(incarnation).isEmpty();
    }

    /** If the guest has left for this node, that is confirmed first: otherwise its agent removes the copied disks. */
    private static VmStep retireHalted(Incarnation incarnation) {
        boolean confirmed = !incarnation.isArriving()
                || incarnation.arrival().filter(arrival -> !arrival.left()).isEmpty();
        return confirmed
                ? new VmStep.Retire(incarnation, Reason.Stopping)
                : new MigrationStep.ConfirmHandoff(incarnation);
    }

    /** While its VM exists, only an incarnation that left nothing behind is erased, before another first start. */
    private VmStep afterErasure(VmFacts facts, Incarnation incarnation) {
        if (!incarnation.isErased() && !facts.isFenced(incarnation.node())) {
            return VmStep.Erase.due(facts, incarnation).orElseGet(() -> new VmStep.Wait(clearing(facts, incarnation)));
        }
        if (!facts.isFirstStart()) {
            return new VmStep.Refuse(
                    Reason.TpmStateMissing,
                    "the VM's TPM state was removed from " + incarnation.node()
                            + ", and no new TPM is made in its place: restore the VM from a backup");
        }
        return haltedOrNext(facts);
    }

    /**
     * Written with the VM's resourceVersion before the agent is asked, so that an outdated operator removes nothing.
     */
    static Problem clearing(VmFacts facts, Incarnation incarnation) {
        String clearing = "removing what was prepared on " + incarnation.node() + ", before the VM is prepared anew";
        return new Problem(
                Reason.Starting,
                facts.isAgentAlive(incarnation.node())
                        ? clearing
                        : clearing
                                + ": its agent is not responding; start it, or delete the VM, which never ran, and create"
                                + " it again");
    }

    private VmStep stopped(VmFacts facts, Incarnation incarnation) {
        if (!facts.isOver(incarnation)) {
            return new StartChecks(facts)
                    .missingEnvelope(incarnation)
                    .orElseGet(() -> new VmStep.Wait(stopping(facts, incarnation)));
        }
        return facts.isHalted() ? halted(facts) : next(facts, incarnation);
    }

    /**
     * An agent that cannot seal the last state does not report the incarnation as over. A problem that it reported
     * while it prepared the incarnation counts only if it reports it again; what the stop ends no longer counts.
     */
    private static Problem stopping(VmFacts facts, Incarnation incarnation) {
        Optional<Problem> problem = Optional.of(incarnation)
                .filter(one -> one.hasAnswered() || !one.hasNotRunYet())
                .flatMap(one -> reported(facts, one))
                .filter(reported -> !AgentReport.isEndedByAStop(reported));
        return problem.orElseGet(
                () -> GuestShutdown.ending(facts, incarnation, facts.isHalted() ? Reason.Stopping : Reason.Restarting));
    }

    /** What an agent reports that cannot have the key, since it is lost, follows from that. */
    private static Optional<Problem> reported(VmFacts facts, Incarnation incarnation) {
        Optional<Problem> key = facts.hasUsableEnvelope(incarnation) ? Optional.empty() : StartChecks.key(facts);
        return AgentReport.problem(incarnation).map(key::orElse);
    }

    private static VmStep halted(VmFacts facts) {
        return new RestorePlan(facts)
                .step()
                .orElseGet(() -> new VmStep.Settled(Reason.Halted, "the VM is off, because runStrategy is Halted"));
    }

    private VmStep running(VmFacts facts, Incarnation incarnation) {
        if (facts.over(incarnation).filter(Over.ByFence.class::isInstance).isPresent()) {
            return next(facts, incarnation);
        }
        return switch (incarnation.phase()) {
            case Preparing, Receiving, Received, Prepared -> preparing(facts, incarnation);
            case Running -> up(facts, incarnation);
            case Stopping ->
                new StartChecks(facts)
                        .missingEnvelope(incarnation)
                        .orElseGet(() -> new VmStep.Wait(reported(facts, incarnation)
                                .orElseGet(() -> GuestShutdown.ending(facts, incarnation, Reason.Stopping))));
            case Stopped, Erased -> ended(facts, incarnation);
        };
    }

    private VmStep preparing(VmFacts facts, Incarnation incarnation) {
        VmRecreation recreation = new VmRecreation(facts, namespace);
        if (incarnation.isArriving()) {
            return arriving(facts, incarnation, recreation);
        }
        if (recreation.mustNotRun(incarnation)) {
            // Its guest has not run, so another is prepared: for the present spec and an eligible image.
            return new VmStep.Retire(incarnation, Reason.Restarting);
        }
        if (!facts.hasUsableEnvelope(incarnation)) {
            return recreation.envelopeFor(incarnation);
        }
        return approval(facts, incarnation)
                .or(() -> HinderedStart.step(facts, incarnation).or(() -> new StartChecks(facts).record(incarnation)))
                .orElseGet(() -> new VmStep.Wait(agentNotAlive(facts, incarnation)
                        .or(() -> AgentReport.problem(incarnation))
                        .orElseGet(() -> new Problem(Reason.Starting, progress(incarnation)))));
    }

    /** The guest has left its source. */
    private static VmStep arriving(VmFacts facts, Incarnation incarnation, VmRecreation recreation) {
        if (!facts.hasUsableEnvelope(incarnation)) {
            return recreation.envelopeFor(incarnation);
        }
        if (incarnation.arrival().filter(arrival -> !arrival.left()).isPresent()) {
            return new MigrationStep.ConfirmHandoff(incarnation);
        }
        return new VmStep.Wait(agentNotAlive(facts, incarnation)
                .or(() -> AgentReport.problem(incarnation))
                .orElseGet(() -> new Problem(
                        Reason.Migrating,
                        "the guest has left "
                                + incarnation.arrival().map(Arrival::nodeName).orElseThrow() + " and is resumed on "
                                + incarnation.node() + " (epoch " + incarnation.epoch() + ")")));
    }

    /** Only if the agent reports a problem: otherwise it may have claimed the home already. */
    private static Optional<VmStep> approval(VmFacts facts, Incarnation incarnation) {
        Optional<GuestStateVersion> approved = facts.guestState().approved();
        boolean blocked = incarnation.phase() == Phase.Preparing
                && incarnation.claim().isEmpty()
                && AgentReport.problem(incarnation).isPresent();
        return blocked && !approved.equals(incarnation.approved())
                ? Optional.of(new VmStep.SetApproval(incarnation, approved))
                : Optional.empty();
    }

    /** With the agent's message, which it sets only while a long copy runs, so that a quick start costs no write. */
    private static String progress(Incarnation incarnation) {
        String preparing = "epoch " + incarnation.epoch() + " is being prepared on " + incarnation.node();
        return incarnation
                .status()
                .filter(status -> status.phase() == Phase.Preparing)
                .map(VMIncarnationStatus::message)
                .map(message -> preparing + ": " + message)
                .orElse(preparing);
    }

    private VmStep up(VmFacts facts, Incarnation incarnation) {
        // A migration that has started ends first.
        Optional<Problem> key = StartChecks.key(facts);
        Optional<Problem> quota = new QuotaChecks(facts).restart();
        if (facts.isRestartRequested() && facts.openMigration().isEmpty() && key.isEmpty() && quota.isEmpty()) {
            return new VmStep.Retire(incarnation, Reason.Restarting);
        }
        Optional<VmStep> envelope = new StartChecks(facts).missingEnvelope(incarnation);
        if (envelope.isPresent()) {
            return envelope.get();
        }
        Optional<Problem> problem = agentNotAlive(facts, incarnation)
                .or(() -> reported(facts, incarnation))
                .or(() -> key);
        if (problem.isPresent()) {
            return new VmStep.Wait(problem.get());
        }
        Optional<VmStep> migration = facts.openMigration().isPresent()
                ? Optional.empty()
                : new VmMigrationPlan(facts, namespace, pace).begin(incarnation).map(step -> withStatus(facts, step));
        if (migration.isPresent()) {
            return migration.get();
        }
        if (escrows && !incarnation.hasEscrow() && facts.key() instanceof KeyFacts.Held) {
            return new VmStep.SealEscrow(incarnation);
        }
        String pending = (new VmRecreation(facts, namespace).differs(incarnation)
                        ? "; the spec has changed, which takes effect at the next start"
                        : "")
                + quota.map(more -> "; the requested restart waits: " + more.message())
                        .orElse("");
        String here = "the guest runs on " + incarnation.node() + " (epoch " + incarnation.epoch() + ")";
        return facts.openMigration()
                .map(open -> new VmStep.Settled(
                        Reason.Migrating,
                        here + " and migrates to " + open.targetNode() + " (VMMigration " + open.name() + ")"
                                + pending))
                .orElseGet(() -> new VmStep.Settled(Reason.Running, here + pending));
    }

    private VmStep ended(VmFacts facts, Incarnation incarnation) {
        boolean stays = facts.spec().runStrategy() == RunStrategy.RerunOnFailure
                && incarnation.exit().filter(FAILURES::contains).isEmpty()
                && !facts.isRestartRequested();
        return stays
                ? new VmStep.Settled(
                        Reason.Succeeded,
                        "the guest has shut down; with runStrategy RerunOnFailure it is started again only after a"
                                + " failure")
                : next(facts, incarnation);
    }

    /** The EK of the last incarnation goes on record before a new epoch is reserved. */
    private VmStep next(VmFacts facts, Incarnation incarnation) {
        return !facts.isFirstStart()
                        && incarnation.ek().isPresent()
                        && facts.recordedEk().isEmpty()
                ? new VmStep.Record()
                : new VmStartPlan(facts).next();
    }

    private static Optional<Problem> agentNotAlive(VmFacts facts, Incarnation incarnation) {
        if (facts.isAgentAlive(incarnation.node())) {
            return Optional.empty();
        }
        return Optional.of(new Problem(
                Reason.AgentNotAlive,
                "the agent on " + incarnation.node()
                        + " is not responding, so the state of the guest is unknown; the VM"
                        + " is not started on another node. Check that the host and its agent are running; if the host is"
                        + " off, say so with kubectl tlvm fence " + incarnation.node()
                        + ", and the VM starts on another node"));
    }
}
