package io.trustedlaunch.operator.backup;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunSpecBuilder;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.EpochProgress;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.operator.backup.BackupStep.Begin;
import io.trustedlaunch.operator.backup.BackupStep.Complete;
import io.trustedlaunch.operator.backup.BackupStep.Ended;
import io.trustedlaunch.operator.backup.BackupStep.Fail;
import io.trustedlaunch.operator.backup.BackupStep.Pending;
import io.trustedlaunch.operator.backup.BackupStep.Running;
import io.trustedlaunch.operator.backup.BackupStep.Seal;
import java.util.Map;
import java.util.Optional;

/** Plans the one step that is due for a backup. Its run has the name of the VMBackup's UID, so that there is one. Pure. */
final class BackupPlanner {
    private static final String AGAIN = "; to try again, create another VMBackup";

    private final BackupFacts facts;
    private final VMBackup backup;

    private BackupPlanner(BackupFacts facts) {
        this.facts = facts;
        this.backup = facts.backup();
    }

    /** Its spec cannot change, and a schedule goes on to its next time. */
    static BackupStep.Report refused(Problem quota) {
        return failed(quota.reason(), quota.message());
    }

    static BackupStep plan(BackupFacts facts) {
        return new BackupPlanner(facts).step();
    }

    private BackupStep step() {
        if (backup.hasEnded()) {
            return new Ended();
        }
        if (facts.run().isPresent()) {
            return of(facts.run().get());
        }
        return facts.recordedRun().isPresent()
                ? failed(Reason.BackupFailed, "its BackupRun was deleted before it had ended")
                : waitsFor().<BackupStep>map(Pending::new).orElseGet(() -> new Begin(run()));
    }

    private BackupStep of(BackupRun run) {
        if (!isOfThis(run)) {
            return failed(
                    Reason.BackupFailed,
                    "BackupRun " + run.getMetadata().getName() + " is not the one that was created for it");
        }
        return switch (run.phase()) {
            case Running -> whileOpen(run);
            case Failed -> failed(run, run.getStatus());
            case Completed -> completed(run);
        };
    }

    private boolean isOfThis(BackupRun run) {
        BackupRunSpec spec = run.getSpec();
        return spec.isFor(backup)
                && facts.recordedRun().map(run.getMetadata().getUid()::equals).orElse(true)
                && facts.before()
                        .map(status -> status.nodeName())
                        .map(spec.nodeName()::equals)
                        .orElse(true);
    }

    private BackupStep completed(BackupRun run) {
        return switch (BackupReport.of(run, facts.now())) {
            case BackupReport.Accepted accepted -> new Complete(run, accepted.result());
            case BackupReport.Refused refused ->
                failed(
                        Reason.BackupReportInvalid,
                        "node " + run.getSpec().nodeName() + " reported a completed backup of which " + refused.why()
                                + ": nothing of it is used; see the log of its agent");
        };
    }

    /** The agent's message is for people; a reason that is none of ours is left out. */
    private static Fail failed(BackupRun run, BackupRunStatus reported) {
        Reason reason = reported.knownReason().orElse(Reason.BackupFailed);
        return failed(
                reason,
                "node " + run.getSpec().nodeName() + " gave it up"
                        + reported.said().map(why -> ": " + why).orElse(" without saying why"));
    }

    private BackupStep whileOpen(BackupRun run) {
        String node = run.getSpec().nodeName();
        if (facts.nodeDead()) {
            return failed(Reason.BackupInterrupted, "node " + node + ", which was making it, is proved dead");
        }
        if (run.getSpec().guestState() != null) {
            if (!isOnRecord(run) || !StoppedVm.isUntouched(run, facts.vm().orElseThrow(), facts.incarnation())) {
                return failed(
                        Reason.BackupInterrupted,
                        "the VM, which was off, was started, restored or deleted before the backup was complete");
            }
        } else if (!isOnRecord(run) || hasEnded(facts.incarnation())) {
            return failed(
                    Reason.BackupInterrupted,
                    "the guest ended or left node " + node + " before the backup was complete");
        }
        return awaitsEnvelope(run) ? sealed(run) : new Running(run);
    }

    private BackupStep sealed(BackupRun run) {
        return facts.location()
                .map(location -> location.getSpec().s3())
                .filter(bucket -> bucket.url().equals(run.getSpec().location().s3()))
                .<BackupStep>map(bucket -> new Seal(run, bucket))
                .orElseGet(() -> failed(
                        Reason.BackupFailed,
                        "BackupLocation " + run.getSpec().location().name()
                                + " was deleted or replaced before the backup had begun"));
    }

    /** A run that has begun uses the one that it has. */
    private boolean awaitsEnvelope(BackupRun run) {
        return run.getStatus() == null
                && RunGrants.areDue(run.getSpec().location(), run.getSpec().envelope(), facts.now());
    }

    private boolean isOnRecord(BackupRun run) {
        BackupRunSpec spec = run.getSpec();
        return facts.vm()
                .filter(vm -> vm.identity().equals(spec.vmRef().uid()))
                .map(vm -> vm.getStatus())
                .filter(status -> spec.nodeName().equals(status.nodeName()))
                .filter(status -> spec.epoch().equals(status.epoch()))
                .isPresent();
    }

    private static boolean hasEnded(Optional<VMIncarnation> incarnation) {
        return incarnation.map(found -> EpochProgress.reported(found).isOver()).orElse(true);
    }

    private static Fail failed(Reason reason, String message) {
        return new Fail(new Problem(reason, message + AGAIN));
    }

    private Optional<Problem> waitsFor() {
        return BackupChecks.all().stream()
                .flatMap(check -> check.apply(facts).stream())
                .findFirst();
    }

    private BackupRun run() {
        TrustedLaunchVM vm = facts.vm().orElseThrow();
        TrustedLaunchVMStatus status = vm.getStatus();
        BackupLocation location =
                facts.locations().get(backup.getSpec().locationRef().name());
        BackupRun run = new BackupRun();
        run.setMetadata(new ObjectMetaBuilder()
                .withNamespace(facts.namespace())
                .withName(backup.getMetadata().getUid())
                .withLabels(Map.of(Api.LABEL_VM_UID, vm.identity()))
                .build());
        run.setSpec(BackupRunSpecBuilder.builder()
                .nodeName(status.nodeName())
                .vmRef(new BackupRunSpec.Vm(
                        vm.getMetadata().getNamespace(), vm.getMetadata().getName(), vm.identity()))
                .backupRef(new BackupRunSpec.Backup(
                        backup.getMetadata().getName(), backup.getMetadata().getUid()))
                .epoch(status.epoch())
                .guestState(
                        vm.hasRunningGuest() ? null : StoppedVm.guestState(vm).orElseThrow())
                .location(BackupRunSpec.Location.of(location))
                .bytesPerSecond(location.getSpec().bytesPerSecond().orElse(null))
                .mode(backup.getSpec().mode())
                .quiesce(vm.hasRunningGuest() ? backup.getSpec().quiesce() : null)
                .image(status.image())
                .completed(CompletedBackups.basesOf(backup, facts.made(), location, facts.now()))
                .build());
        return run;
    }
}
