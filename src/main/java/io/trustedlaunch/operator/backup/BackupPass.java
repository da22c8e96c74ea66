package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.BackupLocation;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.BackupRunSpec;
import io.trustedlaunch.api.BackupRunSpecBuilder;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMBackup;
import io.trustedlaunch.api.VMBackupStatus;
import io.trustedlaunch.api.VMIncarnationSpec.Machine;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.kube.StaleViewException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** One pass over a backup that has not ended: gather, plan, create the run that is due, compute the status. */
final class BackupPass {
    private final BackupGatherer gatherer;
    private final ResourceWriter writer;
    private final RunGrants grants;
    private final RunEscrows escrows;
    private final BackupKeySeals keys;
    private final RunLimits limits;
    private final BackupQuotas quotas;
    private final Failpoints failpoints;

    BackupPass(
            BackupGatherer gatherer,
            ResourceWriter writer,
            RunGrants grants,
            RunEscrows escrows,
            BackupKeySeals keys,
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
     * @throws StaleViewException if the backup has changed since it was read, and something final is due
     */
    VMBackupStatus over(VMBackup backup) {
        BackupFacts facts = gatherer.gather(backup);
        BackupStep step = BackupPlanner.plan(facts);
        if (step instanceof BackupStep.Begin || step instanceof BackupStep.Fail) {
            facts = gatherer.fromServer(backup);
            step = BackupPlanner.plan(facts);
        }
        if (step instanceof BackupStep.Begin begin) {
            Optional<Problem> quota = quotas.exceededBy(backup);
            if (quota.isPresent()) {
                return BackupStatus.of(facts, BackupPlanner.refused(quota.get()));
            }
            Optional<Problem> problem =
                    facts.location().map(location -> location.getSpec().s3()).flatMap(grants::problem);
            if (problem.isPresent()) {
                return BackupStatus.of(facts, new BackupStep.Pending(problem.get()));
            }
            BackupRun run = withEscrow(begin.run(), facts);
            TrustedLaunchVM vm = facts.vm().orElseThrow();
            Supplier<BackupRun> creation = () -> create(run);
            if (run.getSpec().guestState() != null) {
                switch (keys.seal(run, vm)) {
                    case BackupKeySeals.Refused(Problem why) -> {
                        return BackupStatus.of(facts, new BackupStep.Pending(why));
                    }
                    case BackupKeySeals.Sealed sealed ->
                        creation = () -> keys.release(sealed, vm, () -> create(sealed.run()));
                }
            }
            BackupLocation location = facts.location().orElseThrow();
            Supplier<BackupRun> admitted = creation;
            switch (quotas.create(backup, () -> limits.create(run, location, admitted))) {
                case BackupQuotas.Admission.Refused(Problem why) -> {
                    return BackupStatus.of(facts, BackupPlanner.refused(why));
                }
                case BackupQuotas.Admission.Admitted(Optional<BackupRun> created) -> {
                    if (created.isEmpty()) {
                        return BackupStatus.of(facts, new BackupStep.Pending(RunLimits.reached(location)));
                    }
                    facts = facts.with(created.get());
                }
            }
            step = BackupPlanner.plan(facts);
        }
        if (step instanceof BackupStep.Seal seal) {
            return seal(facts, seal);
        }
        return BackupStatus.of(facts, step);
    }

    private VMBackupStatus seal(BackupFacts facts, BackupStep.Seal step) {
        BackupRun run = step.run();
        // Without its incarnation the run would have failed.
        Machine machine = facts.incarnation().orElseThrow().getSpec().machine();
        return switch (grants.seal(run, step.bucket(), machine)) {
            case RunGrants.Refused(Problem problem) -> BackupStatus.of(facts, new BackupStep.Pending(problem));
            case RunGrants.Sealed(BackupRunSpec.Envelope envelope) -> {
                BackupFacts granted = facts.with(writer.mergeSpec(run, Map.of("envelope", envelope)));
                yield BackupStatus.of(granted, BackupPlanner.plan(granted));
            }
        };
    }

    private BackupRun withEscrow(BackupRun run, BackupFacts facts) {
        BackupRun with = new BackupRun();
        with.setMetadata(run.getMetadata());
        with.setSpec(BackupRunSpecBuilder.builder(run.getSpec())
                .escrow(escrows.of(
                                facts.vm().orElseThrow(),
                                facts.incarnation()
                                        .map(incarnation ->
                                                incarnation.getSpec().machine())
                                        .map(Machine::osType))
                        .orElse(null))
                .build());
        return with;
    }

    private BackupRun create(BackupRun run) {
        BackupRun created = writer.createIfAbsent(run);
        failpoints.reached(Failpoint.OPERATOR_BACKUP_RUN_CREATED);
        return created;
    }
}
