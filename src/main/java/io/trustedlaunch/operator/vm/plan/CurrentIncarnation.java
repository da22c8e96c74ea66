package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Arrival;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Phase;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.Over;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Plans the next step for a VM whose incarnation of the epoch on record is there. */
final class CurrentIncarnation {
    /** After these exits, RerunOnFailure starts the guest again. */
    private static final Set<Exit> FAILURES = EnumSet.of(Exit.Crashed, Exit.NeverRan, Exit.HostShutdown);

    private final VmFacts facts;
    private final VmObject vm;
    private final VmNodes nodes;
    private final Incarnation incarnation;
    private final StartChecks checks;
    private final VmRecreation recreation;
    private final VmPlanner planner;

    CurrentIncarnation(VmFacts facts, Incarnation incarnation, VmPlanner planner) {
        this.facts = facts;
        this.vm = facts.vm();
        this.nodes = facts.nodes();
        this.incarnation = incarnation;
        this.checks = new StartChecks(facts);
        this.recreation = new VmRecreation(facts, planner.namespace());
        this.planner = planner;
    }

    VmStep plan() {
        Optional<VmStep> contradiction = RecordContradiction.of(facts, incarnation);
        if (contradiction.isPresent()) {
            return contradiction.get();
        }
        return switch (incarnation.desired()) {
            case Erased -> afterErasure();
            case Stopped -> stopped();
            case Running -> vm.isHalted() && !canArrive() ? retireHalted() : running();
        };
    }

    /** A guest that is paused between two nodes cannot be asked to shut down. */
    private boolean canArrive() {
        return incarnation.isArriving()
                && nodes.isAgentAlive(incarnation.node())
                && AgentReport.problem(incarnation).isEmpty();
    }

    /** If the guest has left for this node, that is confirmed first: otherwise its agent removes the copied disks. */
    private VmStep retireHalted() {
        boolean confirmed = !incarnation.isArriving()
                || incarnation.arrival().filter(arrival -> !arrival.left()).isEmpty();
        return confirmed
                ? new VmStep.Retire(incarnation, Reason.Stopping)
                : new MigrationStep.ConfirmHandoff(incarnation);
    }

    /** While its VM exists, only an incarnation that left nothing behind is erased, before another first start. */
    private VmStep afterErasure() {
        if (!incarnation.isErased() && !nodes.isFenced(incarnation.node())) {
            return VmStep.Erase.due(facts, incarnation)
                    .orElseGet(() -> new VmStep.Wait(VmPlanner.clearing(facts, incarnation)));
        }
        if (!facts.incarnations().isFirstStart()) {
            return new VmStep.Refuse(
                    Reason.TpmStateMissing,
                    "the VM's TPM state was removed from " + incarnation.node()
                            + ", and no new TPM is made in its place: restore the VM from a backup");
        }
        return VmPlanner.haltedOrNext(facts);
    }

    private VmStep stopped() {
        if (!nodes.isOver(incarnation)) {
            return checks.missingEnvelope(incarnation).orElseGet(() -> new VmStep.Wait(stopping()));
        }
        return vm.isHalted() ? VmPlanner.halted(facts) : next();
    }

    /**
     * An agent that cannot seal the last state does not report the incarnation as over. A problem that it reported
     * while it prepared the incarnation counts only if it reports it again; what the stop ends no longer counts.
     */
    private Problem stopping() {
        Optional<Problem> problem = Optional.of(incarnation)
                .filter(one -> one.hasAnswered() || !one.hasNotRunYet())
                .flatMap(one -> reported())
                .filter(reported -> !AgentReport.isEndedByAStop(reported));
        return problem.orElseGet(
                () -> GuestShutdown.ending(facts, incarnation, vm.isHalted() ? Reason.Stopping : Reason.Restarting));
    }

    /** An agent that cannot have the key, since it is lost, reports a consequence of that. */
    private Optional<Problem> reported() {
        return AgentReport.problem(incarnation)
                .map(problem -> nodes.hasUsableEnvelope(incarnation)
                        ? problem
                        : StartChecks.key(facts).orElse(problem));
    }

    private VmStep running() {
        if (nodes.over(incarnation).filter(Over.ByFence.class::isInstance).isPresent()) {
            return next();
        }
        return switch (incarnation.phase()) {
            case Preparing, Receiving, Received, Prepared -> preparing();
            case Running -> up();
            case Stopping ->
                checks.missingEnvelope(incarnation)
                        .orElseGet(() -> new VmStep.Wait(
                                reported().orElseGet(() -> GuestShutdown.ending(facts, incarnation, Reason.Stopping))));
            case Stopped, Erased -> ended();
        };
    }

    private VmStep preparing() {
        if (incarnation.isArriving()) {
            return arriving();
        }
        if (recreation.mustNotRun(incarnation)) {
            // Its guest has not run, so another is prepared: for the present spec and an eligible image.
            return new VmStep.Retire(incarnation, Reason.Restarting);
        }
        if (!nodes.hasUsableEnvelope(incarnation)) {
            return recreation.envelopeFor(incarnation);
        }
        return approval()
                .or(() -> HinderedStart.step(facts, incarnation).or(() -> checks.record(incarnation)))
                .orElseGet(() -> new VmStep.Wait(agentNotAlive()
                        .or(() -> AgentReport.problem(incarnation))
                        .orElseGet(() -> new Problem(Reason.Starting, progress()))));
    }

    /** The guest has left its source. */
    private VmStep arriving() {
        if (!nodes.hasUsableEnvelope(incarnation)) {
            return recreation.envelopeFor(incarnation);
        }
        if (incarnation.arrival().filter(arrival -> !arrival.left()).isPresent()) {
            return new MigrationStep.ConfirmHandoff(incarnation);
        }
        return new VmStep.Wait(agentNotAlive()
                .or(() -> AgentReport.problem(incarnation))
                .orElseGet(() -> new Problem(
                        Reason.Migrating,
                        "the guest has left "
                                + incarnation.arrival().map(Arrival::nodeName).orElseThrow() + " and is resumed on "
                                + incarnation.node() + " (epoch " + incarnation.epoch() + ")")));
    }

    /** Only if the agent reports a problem: otherwise it may have claimed the home already. */
    private Optional<VmStep> approval() {
        Optional<GuestStateVersion> approved = facts.guestState().approved();
        boolean blocked = incarnation.phase() == Phase.Preparing
                && incarnation.claim().isEmpty()
                && AgentReport.problem(incarnation).isPresent();
        return blocked && !approved.equals(incarnation.approved())
                ? Optional.of(new VmStep.SetApproval(incarnation, approved))
                : Optional.empty();
    }

    /** Includes the agent's message, which it sets only while a long copy runs, so that a quick start costs no write. */
    private String progress() {
        String preparing = "epoch " + incarnation.epoch() + " is being prepared on " + incarnation.node();
        return incarnation
                .status()
                .filter(status -> status.phase() == Phase.Preparing)
                .map(VMIncarnationStatus::message)
                .map(message -> preparing + ": " + message)
                .orElse(preparing);
    }

    private VmStep up() {
        // A migration that has started ends first.
        Optional<Problem> key = StartChecks.key(facts);
        Optional<Problem> unstartable = checks.restart();
        if (vm.isRestartRequested() && vm.openMigration().isEmpty() && key.isEmpty() && unstartable.isEmpty()) {
            return new VmStep.Retire(incarnation, Reason.Restarting);
        }
        Optional<VmStep> envelope = checks.missingEnvelope(incarnation);
        if (envelope.isPresent()) {
            return envelope.get();
        }
        Optional<Problem> problem = agentNotAlive().or(() -> reported()).or(() -> key);
        if (problem.isPresent()) {
            return new VmStep.Wait(problem.get());
        }
        Optional<VmStep> devices = new DeviceChanges(facts, incarnation).step();
        if (devices.isPresent()) {
            return devices.get();
        }
        Optional<VmStep> migration = vm.openMigration().isPresent()
                ? Optional.empty()
                : new VmMigrationPlan(facts, planner.namespace(), planner.pace()).begin(incarnation);
        if (migration.isPresent()) {
            return migration.get();
        }
        if (planner.escrows() && !incarnation.hasEscrow() && facts.key() instanceof KeyFacts.Held) {
            return new VmStep.SealEscrow(incarnation);
        }
        String pending = unstartable
                .map(why -> "; the requested restart waits: " + why.message())
                .orElse("");
        String here = "the guest runs on " + incarnation.node() + " (epoch " + incarnation.epoch() + ")";
        return vm.openMigration()
                .<VmStep>map(open -> new VmStep.Settled(
                        Reason.Migrating,
                        here + " and migrates to " + open.targetNode() + " (VMMigration " + open.name() + ")"
                                + pending))
                .orElseGet(() -> AgentReport.ofBoot(incarnation)
                        .<VmStep>map(boot ->
                                new VmStep.Wait(new Problem(boot.reason(), here + "; " + boot.message() + pending)))
                        .orElseGet(() -> new VmStep.Settled(Reason.Running, here + pending)));
    }

    private VmStep ended() {
        boolean stays = vm.spec().runStrategy() == RunStrategy.RerunOnFailure
                && incarnation.exit().filter(FAILURES::contains).isEmpty()
                && !vm.isRestartRequested();
        return stays
                ? new VmStep.Settled(
                        Reason.Succeeded,
                        "the guest has shut down; with runStrategy RerunOnFailure it is started again only after a"
                                + " failure")
                : next();
    }

    /** The EK of the last incarnation goes on record before a new epoch is reserved. */
    private VmStep next() {
        return !facts.incarnations().isFirstStart()
                        && incarnation.ek().isPresent()
                        && vm.ek().isEmpty()
                ? new VmStep.Record()
                : new VmStartPlan(facts).next();
    }

    private Optional<Problem> agentNotAlive() {
        if (nodes.isAgentAlive(incarnation.node())) {
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
