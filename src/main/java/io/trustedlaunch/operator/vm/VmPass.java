package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.operator.migration.PendingMigrations;
import io.trustedlaunch.operator.migration.PendingMigrations.Pending;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.plan.VmPlanner;
import io.trustedlaunch.operator.vm.plan.VmStep;
import io.trustedlaunch.operator.vm.status.EkCertificates;
import io.trustedlaunch.operator.vm.status.VmStatus;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass over a VM: gathers the facts, plans one step, writes the status and carries the step out. */
final class VmPass {
    private static final Logger LOG = LoggerFactory.getLogger(VmPass.class);

    private final VmCaches caches;
    private final VmGatherer gatherer;
    private final VmPlanner planner;
    private final VmExecutor executor;
    private final AssumedPlacements assumedPlacements;
    private final RestartDelays delays;
    private final EkCertificates ekCertificates;
    private final PendingMigrations pendingMigrations;
    private final InstantSource clock;

    VmPass(
            VmCaches caches,
            VmGatherer gatherer,
            VmPlanner planner,
            VmExecutor executor,
            AssumedPlacements assumedPlacements,
            RestartDelays delays,
            EkCertificates ekCertificates,
            PendingMigrations pendingMigrations,
            InstantSource clock) {
        this.caches = caches;
        this.gatherer = gatherer;
        this.planner = planner;
        this.executor = executor;
        this.assumedPlacements = assumedPlacements;
        this.delays = delays;
        this.ekCertificates = ekCertificates;
        this.pendingMigrations = pendingMigrations;
        this.clock = clock;
    }

    /** @return when to look again if no event comes first */
    Optional<Duration> over(TrustedLaunchVM vm) {
        assumedPlacements.keep(vm.identity(), VmFacts.epochsOnRecord(vm));
        AssumedPlacements.View view = assumed();
        VmFacts facts = gatherer.gather(vm, view);
        pendingMigrations.report(vm, pending(facts));
        VmStep step = planner.plan(facts);
        Optional<TrustedLaunchVMStatus> status =
                VmStatus.of(facts, step, clock.instant()).map(next -> ekCertificates.certify(facts, next));
        TrustedLaunchVM recorded = executor.record(facts, step, status, view);
        log(vm, step);
        executor.carryOut(facts, step, recorded, view);
        return step.requeueAfter(facts);
    }

    private AssumedPlacements.View assumed() {
        return assumedPlacements.view(entry -> caches.watchedIncarnationsOf(entry.vmUid()).stream()
                .anyMatch(incarnation -> incarnation.getSpec().epoch() == entry.epoch()));
    }

    /** A migration that the VM has on record has begun. */
    private List<Pending> pending(VmFacts facts) {
        Optional<String> begun = facts.migration().map(Migration::uid);
        return facts.migrations().stream()
                .filter(move -> !begun.equals(Optional.of(move.getMetadata().getUid())))
                .flatMap(move -> problem(facts, move).map(problem -> new Pending(move, problem)))
                .toList();
    }

    private Stream<Problem> problem(VmFacts facts, VMMigration move) {
        return planner.migrationProblem(facts, move).stream();
    }

    void forget(TrustedLaunchVM vm) {
        executor.forget(vm.identity());
        pendingMigrations.report(vm, List.of());
        delays.forget(vm.getMetadata().getUid());
        assumedPlacements.forget(List.of(vm.identity()));
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
