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
import io.trustedlaunch.api.backup.VMBackupStatus.Retry;
import io.trustedlaunch.api.incarnation.EpochProgress;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.operator.backup.BackupStep.Begin;
import io.trustedlaunch.operator.backup.BackupStep.Complete;
import io.trustedlaunch.operator.backup.BackupStep.Ended;
import io.trustedlaunch.operator.backup.BackupStep.Ending;
import io.trustedlaunch.operator.backup.BackupStep.Fail;
import io.trustedlaunch.operator.backup.BackupStep.Pending;
import io.trustedlaunch.operator.backup.BackupStep.Running;
import io.trustedlaunch.operator.backup.BackupStep.Seal;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Plans the one step that is due for a backup. Its run has the name of the VMBackup's UID, so that there is one at a time: the run
 * of another attempt can be created only when that of the one before is gone. Pure.
 */
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
        Optional<BackupRun> current = facts.run().filter(run -> !backup.hasGivenUp(run));
        if (current.isPresent()) {
            return of(current.get());
        }
        if (facts.recordedRun().isPresent()) {
            return failed(Reason.BackupFailed, "its BackupRun was deleted before it had ended");
        }
        Optional<Problem> waitsFor = waitsFor();
        return givenUp(waitsFor)
                .<BackupStep>map(Fail::new)
                .or(() -> waitsFor.map(Pending::new))
                .orElseGet(() -> new Begin(run()));
    }

    /** Why no attempt begins any more. One that never began is cancelled by its schedule, which counts it as missed. */
    private Optional<Problem> givenUp(Optional<Problem> waitsFor) {
        Optional<Retry> retry = backup.retry();
        if (retry.isPresent() && !isVmThere(backup.getStatus().vmUID())) {
            return Optional.of(new Problem(Reason.BackupInterrupted, "the VM was deleted between two attempts"));
        }
        if (!BackupAttempts.isTooLate(backup, facts.now()) || (retry.isEmpty() && BackupAttempts.isScheduled(backup))) {
            return Optional.empty();
        }
        String within = "within " + backup.getSpec().startWithin() + " (spec.startWithin)";
        return Optional.of(retry.map(last -> new Problem(
                        BackupAttempts.pending(backup, last).reason(),
                        "attempt " + last.failedAttempts() + ", the last one that could begin " + within + ", failed: "
                                + last.message() + AGAIN))
                .orElseGet(() -> new Problem(
                        Reason.BackupFailed,
                        "it could not begin " + within
                                + waitsFor.map(what -> ": " + what.message()).orElse("") + AGAIN)));
    }

    /** The VM of an attempt, which is not being deleted. */
    private boolean isVmThere(String identity) {
        return facts.vm()
                .filter(vm -> vm.identity().equals(identity) && !vm.isMarkedForDeletion())
                .isPresent();
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
        return switch (BackupReport.of(run, facts.latest())) {
            case BackupReport.Accepted accepted -> new Complete(run, accepted.result());
            case BackupReport.Refused refused ->
                failed(
                        Reason.BackupReportInvalid,
                        "node " + run.getSpec().nodeName() + " reported a completed backup of which " + refused.why()
                                + ": nothing of it is used; see the log of its agent");
        };
    }

    /** The agent has ended it. Its message is for people; a reason that is none of ours is left out. */
    private BackupStep failed(BackupRun run, BackupRunStatus reported) {
        return over(
                run,
                reported.knownReason().orElse(Reason.BackupFailed),
                "node " + run.getSpec().nodeName() + " gave it up"
                        + reported.said().map(why -> ": " + why).orElse(" without saying why"));
    }

    private BackupStep whileOpen(BackupRun run) {
        String node = run.getSpec().nodeName();
        if (facts.nodeDead()) {
            return over(run, Reason.BackupInterrupted, "node " + node + ", which was making it, is proved dead");
        }
        if (run.getSpec().guestState() != null) {
            if (!isOnRecord(run) || !StoppedVm.isUntouched(run, facts.vm().orElseThrow(), facts.incarnation())) {
                return interrupted(
                        run, "the VM, which was off, was started, restored or deleted before the backup was complete");
            }
        } else if (!isOnRecord(run) || hasEnded(facts.incarnation())) {
            return interrupted(run, "the guest ended or left node " + node + " before the backup was complete");
        }
        return awaitsEnvelope(run) ? sealed(run) : new Running(run);
    }

    /** Nothing of it goes on any more. */
    private BackupStep over(BackupRun run, Reason reason, String message) {
        return next(run, reason)
                .<BackupStep>map(next -> new BackupStep.Retry(run, new Problem(reason, message), next))
                .orElseGet(() -> finished(run, reason, message));
    }

    /** Its agent ends it, and what it has made is removed, before it is tried again: nothing goes on beside another attempt. */
    private BackupStep interrupted(BackupRun run, String message) {
        if (run.getStatus() == null && !run.getSpec().reachesItsLocation()) {
            // Its agent begins nothing before it can reach the location, and so ends nothing.
            return over(run, Reason.BackupInterrupted, message);
        }
        return next(run, Reason.BackupInterrupted).isPresent()
                ? new Ending(run, new Problem(Reason.BackupInterrupted, message))
                : finished(run, Reason.BackupInterrupted, message);
    }

    private Optional<Instant> next(BackupRun run, Reason reason) {
        return BackupAttempts.next(backup, reason, facts.now())
                .filter(next -> isVmThere(run.getSpec().vmRef().uid()));
    }

    private Fail finished(BackupRun run, Reason reason, String message) {
        if (!isVmThere(run.getSpec().vmRef().uid())) {
            return new Fail(new Problem(reason, message));
        }
        return failed(reason, message + (BackupAttempts.mayPass(reason) ? whyNotAgain() : ""));
    }

    private String whyNotAgain() {
        String within = backup.getSpec().startWithin();
        return within == null
                ? "; there is one attempt, as spec.startWithin is not set"
                : "; it was attempt " + (BackupAttempts.failed(backup) + 1) + ", and none begins after " + within
                        + " (spec.startWithin)";
    }

    private BackupStep sealed(BackupRun run) {
        return facts.location()
                .filter(location ->
                        BackupRunSpec.Location.of(location).equals(run.getSpec().location()))
                .<BackupStep>map(location -> new Seal(run, location.getSpec()))
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
                .completed(CompletedBackups.basesOf(facts.made(), location, facts.now()))
                .build());
        return run;
    }
}
