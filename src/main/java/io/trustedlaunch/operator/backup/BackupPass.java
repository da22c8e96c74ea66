package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunSpecBuilder;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.seal.SealedEnvelope;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** One pass over a backup that has not ended: gather, plan, create the run that is due, compute the status. */
final class BackupPass {
    private final BackupGatherer gatherer;
    private final ResourceWriter writer;
    private final RunGrants grants;
    private final RunEscrows escrows;
    private final BackupKeySealer keys;
    private final RunLimits limits;
    private final BackupQuotas quotas;
    private final Failpoints failpoints;

    BackupPass(
            BackupGatherer gatherer,
            ResourceWriter writer,
            RunGrants grants,
            RunEscrows escrows,
            BackupKeySealer keys,
            RunLimits limits,
            BackupQuotas quotas,
            Failpoints failpoints) {
        this.gatherer = gatherer;
        this.writer = writer;
        this.grants = grants;
        this.escrows = escrows;
        this.keys = keys;
        this.limits = limits;
        this.quotas = quotas;
        this.failpoints = failpoints;
    }

    /**
     * @return the status to be written
     * @throws StaleViewException if the backup has changed since it was read, and something is due that is not taken back
     */
    VMBackupStatus over(VMBackup backup) {
        BackupFacts facts = gatherer.gather(backup);
        BackupStep step = BackupPlanner.plan(facts);
        if (step instanceof BackupStep.Begin || step instanceof BackupStep.Fail || step instanceof BackupStep.Retry) {
            facts = gatherer.fromServer(backup);
            step = BackupPlanner.plan(facts);
        }
        return carryOut(facts, step);
    }

    private VMBackupStatus carryOut(BackupFacts facts, BackupStep step) {
        return switch (step) {
            case BackupStep.Begin begin -> begin(facts, begin.run());
            case BackupStep.Seal seal -> seal(facts, seal);
            case BackupStep.Report report -> report(facts, report);
        };
    }

    private static VMBackupStatus report(BackupFacts facts, BackupStep.Report report) {
        return report.status(new BackupStatus(facts));
    }

    private VMBackupStatus begin(BackupFacts facts, BackupRun planned) {
        Optional<BackupStep.Report> obstacle = quotas.exceededBy(facts.backup())
                .map(BackupPlanner::refused)
                .or(() -> facts.location()
                        .map(BackupLocation::getSpec)
                        .filter(location -> location.s3() != null)
                        .flatMap(grants::problem)
                        .map(BackupStep.Pending::new));
        if (obstacle.isPresent()) {
            return report(facts, obstacle.get());
        }
        BackupRun run = withEscrow(planned, facts);
        TrustedLaunchVM vm = facts.vm().orElseThrow();
        if (run.getSpec().guestState() == null) {
            return begin(facts, run, () -> create(run));
        }
        return switch (keys.seal(run, vm)) {
            case Result.Refused(Problem why) -> report(facts, new BackupStep.Pending(why));
            case Result.Value(SealedEnvelope envelope) -> {
                BackupRun sealed = with(run, spec -> spec.keys(envelope.base64()));
                yield begin(facts, run, () -> keys.release(envelope, vm, () -> create(sealed)));
            }
        };
    }

    private VMBackupStatus begin(BackupFacts facts, BackupRun run, Supplier<BackupRun> creation) {
        BackupLocation location = facts.location().orElseThrow();
        return switch (quotas.create(
                facts.backup(), () -> limits.create(run.getMetadata().getName(), location, creation))) {
            case BackupQuotas.Admission.Refused(Problem why) -> report(facts, BackupPlanner.refused(why));
            case BackupQuotas.Admission.Admitted(Optional<BackupRun> created) ->
                created.map(facts::with)
                        .map(begun -> carryOut(begun, BackupPlanner.plan(begun)))
                        .orElseGet(() -> report(facts, new BackupStep.Pending(RunLimits.reached(location))));
        };
    }

    private VMBackupStatus seal(BackupFacts facts, BackupStep.Seal step) {
        BackupRun run = step.run();
        // Without its incarnation the run would have failed.
        Machine machine = facts.incarnation().orElseThrow().getSpec().machineNow();
        return switch (grants.seal(run, step.location(), machine)) {
            case Result.Refused(Problem problem) -> report(facts, new BackupStep.Pending(problem));
            case Result.Value(BackupRunSpec.Envelope envelope) -> {
                BackupRun granted = writer.mergeSpec(run, Map.of("envelope", envelope));
                yield report(facts.with(granted), new BackupStep.Running(granted));
            }
        };
    }

    private BackupRun withEscrow(BackupRun run, BackupFacts facts) {
        Optional<String> escrow = escrows.of(
                facts.vm().orElseThrow(),
                facts.incarnation().map(incarnation -> incarnation.getSpec().machineNow()));
        return with(run, spec -> spec.escrow(escrow.orElse(null)));
    }

    private static BackupRun with(BackupRun run, UnaryOperator<BackupRunSpecBuilder> change) {
        BackupRun with = new BackupRun();
        with.setMetadata(run.getMetadata());
        with.setSpec(change.apply(BackupRunSpecBuilder.builder(run.getSpec())).build());
        return with;
    }

    private BackupRun create(BackupRun run) {
        BackupRun created = writer.createIfAbsent(run);
        failpoints.reached(Failpoint.OPERATOR_BACKUP_RUN_CREATED);
        return created;
    }
}
