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

/** Gather, plan, record, carry out. */
final class VmPass {
    private static final Logger LOG = LoggerFactory.getLogger(VmPass.class);

    private static final Duration AT_ONCE = Duration.ofMillis(1);

    /** What is waited for comes as an event; this is for one that is lost, and for what nobody watches. */
    private static final Duration IN_ANY_CASE = Duration.ofSeconds(30);

    private final VmCaches caches;
    private final VmGatherer gatherer;
    private final VmPlanner planner;
    private final VmExecutor executor;
    private final AssumedPlacements promises;
    private final RestartDelays delays;
    private final EkCertificates ekCertificates;
    private final PendingMigrations pendingMigrations;
    private final InstantSource clock;

    VmPass(
            VmCaches caches,
            VmGatherer gatherer,
            VmPlanner planner,
            VmExecutor executor,
            AssumedPlacements promises,
            RestartDelays delays,
            EkCertificates ekCertificates,
            PendingMigrations pendingMigrations,
            InstantSource clock) {
        this.caches = caches;
        this.gatherer = gatherer;
        this.planner = planner;
        this.executor = executor;
        this.promises = promises;
        this.delays = delays;
        this.ekCertificates = ekCertificates;
        this.pendingMigrations = pendingMigrations;
        this.clock = clock;
    }

    /** @return when to look again, if no event comes first */
    Optional<Duration> over(TrustedLaunchVM vm) {
        AssumedPlacements.View view = promised();
        VmFacts facts = gatherer.gather(vm, view);
        pendingMigrations.report(vm, pending(facts));
        VmStep step = planner.plan(facts);
        Optional<TrustedLaunchVMStatus> status =
                VmStatus.of(facts, step, clock.instant()).map(next -> ekCertificates.certify(facts, next));
        TrustedLaunchVM recorded = executor.record(facts, step, status, view);
        log(vm, step);
        executor.carryOut(step, facts, recorded);
        return lookAgain(facts, step);
    }

    private AssumedPlacements.View promised() {
        return promises.view(promise -> caches.knownLivesOf(promise.vmUid()).stream()
                .anyMatch(life -> life.getSpec().epoch() == promise.epoch()));
    }

    /** A migration that the VM has on record has begun. */
    private List<Pending> pending(VmFacts facts) {
        Optional<String> begun = facts.migration().map(Migration::uid);
        return facts.moves().stream()
                .filter(move -> !begun.equals(Optional.of(move.getMetadata().getUid())))
                .flatMap(move -> problem(facts, move).map(problem -> new Pending(move, problem)))
                .toList();
    }

    private Stream<Problem> problem(VmFacts facts, VMMigration move) {
        return planner.hindrance(facts, move).stream().map(problem -> new Problem(problem.reason(), problem.message()));
    }

    void forget(TrustedLaunchVM vm) {
        executor.forget(vm.identity());
        pendingMigrations.report(vm, List.of());
        delays.forget(vm.getMetadata().getUid());
        promises.forget(List.of(vm.identity()));
    }

    private static Optional<Duration> lookAgain(VmFacts facts, VmStep step) {
        return switch (step) {
            case VmStep.Settled settled -> facts.moves().isEmpty() ? Optional.empty() : Optional.of(IN_ANY_CASE);
            case VmStep.Gone gone -> Optional.empty();
            case VmStep.Release release -> Optional.empty();
            case VmStep.Refuse refuse -> Optional.of(IN_ANY_CASE);
            case VmStep.Wait wait -> Optional.of(wait.lookAgain());
            // Their objects leave the cache with an event; before it comes they would be removed once more.
            case VmStep.RemoveIncarnation remove -> Optional.of(IN_ANY_CASE);
            case VmStep.DestroyKey destroy -> Optional.of(IN_ANY_CASE);
            case VmStep.AddFinalizer add -> Optional.of(AT_ONCE);
            case VmStep.MakeKey make -> Optional.of(AT_ONCE);
            case VmStep.ReserveEpoch reserve -> Optional.of(AT_ONCE);
            case VmStep.ReserveMove reserve -> Optional.of(AT_ONCE);
            case VmStep.Depart depart -> Optional.of(AT_ONCE);
            case VmStep.EndMove end -> Optional.of(AT_ONCE);
            case VmStep.TellLeft tell -> Optional.of(AT_ONCE);
            case VmStep.Adopt adopt -> Optional.of(AT_ONCE);
            case VmStep.Record record -> Optional.of(AT_ONCE);
            case VmStep.CreateIncarnation create -> Optional.of(AT_ONCE);
            case VmStep.SealEnvelope seal -> Optional.of(AT_ONCE);
            case VmStep.SealEscrow seal -> Optional.of(AT_ONCE);
            case VmStep.HandApproval hand -> Optional.of(AT_ONCE);
            case VmStep.RemoveEnvelope remove -> Optional.of(AT_ONCE);
            case VmStep.Retire retire -> Optional.of(AT_ONCE);
            case VmStep.Erase erase -> Optional.of(AT_ONCE);
            case VmStep.Keep keep -> Optional.of(AT_ONCE);
            case VmStep.Claim claim -> Optional.of(AT_ONCE);
            case VmStep.TakeOver takeOver -> Optional.of(AT_ONCE);
            case VmStep.GiveBack giveBack -> Optional.of(AT_ONCE);
        };
    }

    private static void log(TrustedLaunchVM vm, VmStep step) {
        if (step instanceof VmStep.Settled || step instanceof VmStep.Refuse || step instanceof VmStep.Wait) {
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
