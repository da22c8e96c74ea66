package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.operator.migration.PendingMigrations;
import io.trustedlaunch.operator.migration.PendingMigrations.Pending;
import io.trustedlaunch.operator.quota.QuotaLedger;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.Charged;
import io.trustedlaunch.operator.vm.plan.Reservation;
import io.trustedlaunch.operator.vm.plan.VmPlanner;
import io.trustedlaunch.operator.vm.plan.VmStep;
import io.trustedlaunch.operator.vm.status.EkCertificates;
import io.trustedlaunch.operator.vm.status.VmStatus;
import io.trustedlaunch.process.LogFields;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass over a VM: gathers the facts, plans one step, writes the status and carries the step out. */
final class VmPass {
    private static final Logger LOG = LoggerFactory.getLogger(VmPass.class);

    private final VmCaches caches;
    private final VmGatherer gatherer;
    private final VmPlanner planner;
    private final VmExecutor executor;
    private final Allocations allocations;
    private final QuotaLedger quotas;
    private final FailoverQueue failovers;
    private final RestartDelays delays;
    private final EkCertificates ekCertificates;
    private final PendingMigrations pendingMigrations;
    private final InstantSource clock;
    private boolean recalled;

    VmPass(
            VmCaches caches,
            QuotaLedger quotas,
            VmGatherer gatherer,
            VmPlanner planner,
            VmExecutor executor,
            RestartDelays delays,
            EkCertificates ekCertificates,
            PendingMigrations pendingMigrations,
            InstantSource clock) {
        this.caches = caches;
        this.gatherer = gatherer;
        this.planner = planner;
        this.executor = executor;
        this.allocations = caches.allocations();
        this.quotas = quotas;
        this.delays = delays;
        this.ekCertificates = ekCertificates;
        this.pendingMigrations = pendingMigrations;
        this.clock = clock;
        this.failovers = new FailoverQueue(caches, clock);
    }

    /** @return when to look again if no event comes first */
    Optional<Duration> over(TrustedLaunchVM vm) {
        recallReservations();
        TenantInputs tenantInputs = gatherer.tenantInputs(vm);
        Turn turn = turn(executor.newest(vm), false, tenantInputs);
        while (turn.goesOn()) {
            turn = turn(turn.vm(), true, tenantInputs);
        }
        return turn.requeueAfter();
    }

    /** Takes only its first step. */
    void firstStep(TrustedLaunchVM vm) {
        recallReservations();
        turn(executor.newest(vm), false, gatherer.tenantInputs(vm));
    }

    /** Restores the reservations of earlier leaders. Later, the pass over each VM finds those that are on its record. */
    private synchronized void recallReservations() {
        if (!recalled) {
            caches.allVms().forEach(this::recall);
            quotas.recalled();
            recalled = true;
        }
    }

    private void recall(TrustedLaunchVM vm) {
        allocations.onRecord(vm, gatherer.reservations(vm));
        failovers.onRecord(vm);
        quotas.onRecord(vm, caches.migrationsOf(vm), () -> gatherer.hasBegun(vm));
    }

    /**
     * @param vm as it is now, if the step was carried out
     * @param goesOn the next step follows in the same pass, with what was read for this one
     */
    private record Turn(TrustedLaunchVM vm, boolean goesOn, Optional<Duration> requeueAfter) {}

    /** @param isCurrent whether this pass has read or written the VM at the API server */
    private Turn turn(TrustedLaunchVM vm, boolean isCurrent, TenantInputs tenantInputs) {
        try (LogFields fields = fieldsOf(vm)) {
            return take(vm, isCurrent, tenantInputs);
        }
    }

    private static LogFields fieldsOf(TrustedLaunchVM vm) {
        return LogFields.ofVm(
                vm.getMetadata().getNamespace(),
                vm.getMetadata().getName(),
                vm.status().map(TrustedLaunchVMStatus::epoch),
                vm.status().map(TrustedLaunchVMStatus::nodeName));
    }

    private Turn take(TrustedLaunchVM vm, boolean isCurrent, TenantInputs tenantInputs) {
        recall(vm);
        Decision decision = decide(vm, tenantInputs);
        VmFacts facts = decision.facts();
        VmStep step = decision.step();
        if (step instanceof VmStep.Idle && !isQueued(step)) {
            failovers.passed(facts.vm(), facts.nodes());
        }
        pendingMigrations.report(vm, pending(facts));
        Optional<TrustedLaunchVMStatus> status = VmStatus.of(facts, step, clock.instant())
                .map(next -> ekCertificates.certify(facts.incarnations(), next));
        TrustedLaunchVM recorded = executor.record(facts, step, status);
        log(vm, step);
        Optional<TrustedLaunchVM> after = executor.carryOut(facts, step, recorded, isCurrent || recorded != vm);
        return new Turn(
                after.orElse(recorded),
                after.isPresent() && step instanceof VmStep.Preparation,
                step.requeueAfter(facts));
    }

    private static boolean isQueued(VmStep step) {
        return step instanceof VmStep.Wait wait && wait.problem().reason() == Reason.FailoverQueued;
    }

    private record Decision(VmFacts facts, VmStep step) {}

    /**
     * Objects that are not watched are read once all else permits the step, and a node is chosen again with what it has left
     * now.
     */
    private Decision decide(TrustedLaunchVM vm, TenantInputs tenantInputs) {
        Decision first = plan(gatherer.gather(vm));
        Decision second =
                first.step().needsTenantInputs() ? plan(gatherer.withTenantInputs(first.facts(), tenantInputs)) : first;
        return second.step() instanceof Charged ? allocations.exclusively(() -> reserve(second.facts())) : second;
    }

    private Decision plan(VmFacts facts) {
        return new Decision(facts, planner.plan(facts));
    }

    private Decision reserve(VmFacts facts) {
        Decision decision = plan(gatherer.withPresentAllocations(facts, failovers));
        if (decision.step() instanceof Charged charged) {
            quotas.reserve(facts.vm().resource(), charged.use(decision.facts()));
        }
        if (decision.step() instanceof Reservation chosen) {
            allocations.reserve(
                    facts.vm().resource(),
                    new Allocations.Reservation(chosen.epoch(), chosen.node(), chosen.allocated(decision.facts())));
            decision.facts().nodes().failoverTurn().ifPresent(turn -> failovers.started(facts.vm(), chosen.node()));
        }
        return decision;
    }

    /** A migration that the VM has on record has begun. */
    private List<Pending> pending(VmFacts facts) {
        Optional<String> begun = facts.vm().migration().map(Migration::uid);
        return facts.migrations().stream()
                .filter(move -> !begun.equals(Optional.of(move.getMetadata().getUid())))
                .flatMap(move ->
                        planner.migrationProblem(facts, move).map(problem -> new Pending(move, problem)).stream())
                .toList();
    }

    void forget(TrustedLaunchVM vm) {
        executor.forget(vm);
        allocations.forget(vm);
        quotas.forget(vm);
        failovers.forget(vm);
        pendingMigrations.report(vm, List.of());
        delays.forget(vm.getMetadata().getUid());
    }

    private static void log(TrustedLaunchVM vm, VmStep step) {
        if (step instanceof VmStep.Idle) {
            LOG.debug(
                    "{}/{}: {}",
                    vm.getMetadata().getNamespace(),
                    vm.getMetadata().getName(),
                    step);
        } else {
            LOG.info(
                    "{}/{}: {}",
                    vm.getMetadata().getNamespace(),
                    vm.getMetadata().getName(),
                    step.getClass().getSimpleName());
        }
    }
}
