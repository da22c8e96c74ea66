package io.trustedlaunch.operator.vm.plan;

import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import io.trustedlaunch.api.vm.ApprovedRestore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusRestoreBuilder;
import io.trustedlaunch.operator.backuplocation.BackupLocationChecks;
import io.trustedlaunch.operator.vm.facts.DataDisks;
import io.trustedlaunch.operator.vm.facts.RestoreRecord;
import io.trustedlaunch.operator.vm.facts.VmFacts;
import io.trustedlaunch.operator.vm.facts.VmNodes;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Plans the restore of a VM from one of its backups, which comes before its next start. */
final class RestorePlan {
    private static final String DECIDE =
            "Approve another one (kubectl tlvm backup list), or remove spec.approveRestore to start"
                    + " the VM from its present files";

    private final VmFacts facts;
    private final VmObject vm;
    private final VmNodes nodes;
    private final RestoreRecord restores;
    private final StartChecks checks;
    private final RestorePlacement placement;

    /** @param facts of a VM whose current incarnation, if there is one, is over */
    RestorePlan(VmFacts facts) {
        this.facts = facts;
        this.vm = facts.vm();
        this.nodes = facts.nodes();
        this.restores = vm.restores();
        this.checks = new StartChecks(facts);
        this.placement = new RestorePlacement(facts);
    }

    /** Empty: there is none, or it is done. */
    Optional<VmStep> step() {
        return restores.open()
                .map(this::goOn)
                .or(() -> restores.failed().map(restore -> new VmStep.Refuse(failure(restore))))
                .or(() -> restores.due().map(this::begin));
    }

    /** A VM that is deleted: its agent breaks the restore off, unless it is about to be complete. */
    static Optional<VmStep> beforeDeletion(VmFacts facts) {
        return facts.restore()
                .run()
                .filter(run -> !hasEnded(run))
                .map(run -> run.getSpec().nodeName())
                .filter(facts.nodes()::deletionAwaits)
                .map(node -> new VmStep.Wait(
                        Reason.Deleting, "the agent on " + node + " is ending the restore of the VM from a backup"));
    }

    /** Of a restore that has failed, whatever the VM does: its guest may run on where it was, since its node was not dead. */
    static Optional<VmStep> failed(VmFacts facts) {
        return facts.vm()
                .restores()
                .open()
                .flatMap(restore -> facts.restore()
                        .runOf(facts.vm(), restore)
                        .filter(run -> RunPhase.of(run.getStatus()) == RunPhase.Failed)
                        .map(run -> new RestoreStep.End(ended(restore, run))));
    }

    private static boolean hasEnded(RestoreRun run) {
        return RunPhase.of(run.getStatus()) != RunPhase.Running;
    }

    private VmStep begin(ApprovedRestore approved) {
        return Stream.<Supplier<Optional<VmStep>>>of(
                        () -> backup(approved).map(VmStep.Refuse::new),
                        () -> disks(approved).or(() -> filling(approved)).map(VmStep.Refuse::new),
                        () -> location().map(VmStep.Refuse::new),
                        checks::location,
                        () -> placement.isMovedTo(wanted()) ? checks.locationOffered() : Optional.empty(),
                        checks::imageMadeWith,
                        () -> StartChecks.key(facts).map(VmStep.Refuse::new),
                        checks::inventory,
                        this::others)
                .flatMap(check -> check.get().stream())
                .findFirst()
                .orElseGet(() -> placement.on(wanted(), approved.disks(), node -> restore(approved, node)));
    }

    /** A tenant names only backups of his namespace, and of this VM: a VM of another identity has another TPM. */
    private Optional<Problem> backup(ApprovedRestore approved) {
        String name =
                "spec.approveRestore names VMBackup " + approved.backupRef().name() + ", which ";
        return completed(name, DECIDE).or(() -> {
            String of = facts.restore().backup().orElseThrow().getStatus().vmUID();
            return vm.uid().equals(of)
                    ? Optional.empty()
                    : notUsable(name + "is of another VM: " + of + ", and this is " + vm.uid(), DECIDE);
        });
    }

    /** The VM would not have it, and nothing would say so. */
    private Optional<Problem> disks(ApprovedRestore approved) {
        return approved.disks().stream()
                .filter(name -> vm.spec().dataDisks().stream()
                        .noneMatch(disk -> disk.name().equals(name)))
                .findFirst()
                .flatMap(name -> notUsable(
                        "spec.approveRestore names data disk " + name + ", which spec.dataDisks does not have",
                        "Add it there, or leave it out of spec.approveRestore.disks"));
    }

    /** Each start attaches the backup to all disks: what one has of another backup would be mixed with it. */
    private Optional<Problem> filling(ApprovedRestore approved) {
        return vm.diskFill()
                .filter(fill -> !approved.disks().isEmpty())
                .map(fill -> new Problem(
                        Reason.DisksFilling,
                        "spec.approveRestore names single disks, and the VM's disks are filled from VMBackup "
                                + fill.backup().name()
                                + " still: remove spec.approveRestore and let the VM run until they"
                                + " are whole, or approve the whole VM"));
    }

    /** @param name of the backup, at the beginning of a sentence */
    Optional<Problem> completed(String name, String nextStep) {
        if (facts.restore().backup().isEmpty()) {
            return notUsable(name + "does not exist in this namespace", nextStep);
        }
        return facts.restore()
                        .backup()
                        .map(backup -> backup.getStatus())
                        .filter(of -> of.phase() == VMBackupStatus.Phase.Completed && of.result() != null)
                        .isPresent()
                ? Optional.empty()
                : notUsable(name + "is not completed", nextStep);
    }

    static Optional<Problem> notUsable(String message, String nextStep) {
        return Optional.of(new Problem(Reason.BackupNotUsable, message + ". " + nextStep));
    }

    /** The backup's. */
    Optional<Problem> location() {
        String name =
                facts.restore().backup().orElseThrow().getSpec().locationRef().name();
        Optional<BackupLocation> location = facts.restore().location();
        if (location.isEmpty()) {
            return Optional.of(new Problem(
                    Reason.BackupLocationNotFound,
                    "there is no BackupLocation " + name + ", which has the backup: an administrator creates it"));
        }
        String namespace = vm.namespace();
        return location.get().getSpec().allows(namespace)
                ? BackupLocationChecks.holds(
                                location.get(), facts.restore().backup().orElseThrow())
                        .or(facts.restore()::bucketProblem)
                : Optional.of(new Problem(
                        Reason.NamespaceNotAllowed,
                        "BackupLocation " + name + " is not offered to namespace " + namespace
                                + ": ask an administrator to add the namespace to its spec.allowedNamespaces"));
    }

    private Optional<VmStep> others() {
        return facts.incarnations().all().stream()
                .filter(incarnation -> !nodes.isOver(incarnation))
                .findFirst()
                .map(
                        incarnation -> new VmStep.Wait(
                                Reason.Restoring,
                                "epoch " + incarnation.epoch() + " on " + incarnation.node()
                                        + " must end before the VM is restored: check that the host and its agent are running"));
    }

    /** The storage location in which the VM's folder shall be. */
    private String wanted() {
        return vm.location();
    }

    private Restore restore(ApprovedRestore approved, String node) {
        GuestStateVersion saved =
                facts.restore().backup().orElseThrow().getStatus().result().guestState();
        return restore(node)
                .disks(approved.disks())
                .dataDisks(DataDisks.ofRestore(facts).recordedDisks())
                .startAtOnce(approved.startAtOnce())
                .guestState(approved.disks().isEmpty() ? saved : null)
                .approvedBy(approved.approvedBy())
                .build();
    }

    /** The restore from the backup that the spec names. */
    TrustedLaunchVMStatusRestoreBuilder restore(String node) {
        VMBackup backup = facts.restore().backup().orElseThrow();
        BackupLocation location = facts.restore().location().orElseThrow();
        return TrustedLaunchVMStatusRestoreBuilder.builder()
                .uid(uid())
                .backup(new RecordedBackup(
                        backup.getMetadata().getName(),
                        backup.getStatus().backupUID(),
                        backup.getStatus().result().indexSHA256()))
                .location(BackupRunSpec.Location.of(location))
                .nodeName(node)
                .storageLocation(wanted())
                .afterEpoch(vm.epoch());
    }

    /** No other restore has it: the API server takes one write upon each version of a VM. */
    private String uid() {
        String version = vm.ownerUid() + "/" + vm.resource().getMetadata().getResourceVersion();
        return UUID.nameUUIDFromBytes(version.getBytes(StandardCharsets.UTF_8)).toString();
    }

    /** @param restore that has not ended */
    VmStep goOn(Restore restore) {
        Optional<RestoreRun> run = facts.restore().run();
        Optional<RestoreRun> own = facts.restore().runOf(vm, restore);
        if (own.isPresent() && hasEnded(own.get())) {
            return new RestoreStep.End(ended(restore, own.get()));
        }
        if (nodes.isFenced(restore.nodeName())) {
            Optional<VmStep> unanswered = checks.inventory();
            if (unanswered.isPresent()) {
                // The proof may be from a backup, and the host back in another boot.
                return unanswered.get();
            }
            // It may have died with some of the files in their places. A node that shares the folder puts the rest
            // there, and any other one begins anew, in a folder of its own.
            Function<String, Restore> moved = node -> TrustedLaunchVMStatusRestoreBuilder.builder(restore)
                    .nodeName(node)
                    .build();
            return restore.copyOf() == null
                    ? placement.on(restore.storageLocation(), restore.disks(), moved)
                    : placement.anywhere(restore.storageLocation(), moved);
        }
        if (run.isEmpty() && !new QuotaChecks(facts).isCovered(restore)) {
            return placement.begun(restore);
        }
        if (run.isEmpty()) {
            Optional<VmStep> removed = removed(restore);
            if (removed.isPresent()) {
                return removed.get();
            }
            return (restore.copyOf() == null ? StartChecks.key(facts) : ClonePlan.key(facts))
                    .or(() -> facts.restore().bucketProblem())
                    .or(new QuotaChecks(facts)::lateRestore)
                    .<VmStep>map(VmStep.Refuse::new)
                    .or(this::others)
                    .or(() -> checks.location(restore))
                    .or(() -> checks.certificate(restore.nodeName()))
                    .orElseGet(() -> new RestoreStep.CreateRun(restore));
        }
        return own.filter(this::isHeldByAFence)
                .map(this::anew)
                .orElseGet(() ->
                        new VmStep.Wait(own.map(found -> report(restore, found)).orElseGet(() -> underway(restore))));
    }

    /**
     * Its removal may have begun before the restore was on record; from then on, it waits. Disks that are filled later would need
     * it, and would never get it.
     */
    private Optional<VmStep> removed(Restore restore) {
        return facts.restore()
                .backup()
                .filter(backup -> restore.startsAtOnce() && backup.isIn(VMBackupStatus.Phase.Removing))
                .map(backup -> new RestoreStep.End(TrustedLaunchVMStatusRestoreBuilder.builder(restore)
                        .outcome(RestoreOutcome.Failed)
                        .reason(Reason.BackupNotUsable.name())
                        .message("VMBackup " + restore.backup().name() + " is being removed")
                        .build()));
    }

    /**
     * Its agent does not go on since a NodeFence was contradicted or is gone, and a run that is made now would not rely on it.
     */
    private boolean isHeldByAFence(RestoreRun run) {
        return run.status()
                        .flatMap(RestoreRunStatus::knownReason)
                        .filter(reason -> reason == Reason.FenceContradicted)
                        .isPresent()
                && !facts.losses()
                        .fencesReliedOn(vm.epoch() + 1)
                        .containsAll(run.getSpec().afterFences());
    }

    /** It is immutable. */
    private VmStep anew(RestoreRun run) {
        return checks.inventory().or(this::others).orElseGet(() -> new RestoreStep.RemoveRun(run));
    }

    private Problem report(Restore restore, RestoreRun run) {
        if (!nodes.isAgentAlive(restore.nodeName())) {
            return new Problem(
                    Reason.Restoring,
                    "the agent on " + restore.nodeName() + ", which restores the VM from VMBackup "
                            + restore.backup().name() + ", is not responding: check that the host and its agent are"
                            + " running; if the host is off, say so with kubectl tlvm fence " + restore.nodeName()
                            + ", and another node that has the VM's folder goes on");
        }
        Problem underway = underway(restore);
        return run.status()
                .flatMap(RestoreRunStatus::said)
                .map(message -> new Problem(Reason.Restoring, underway.message() + ": " + message))
                .orElse(underway);
    }

    static Problem underway(Restore restore) {
        return new Problem(
                Reason.Restoring,
                "node " + restore.nodeName()
                        + (restore.copyOf() == null
                                ? " restores the VM" + only(restore) + " from VMBackup "
                                : " copies the VM's disks from VMBackup ")
                        + restore.backup().name() + "; it does not start meanwhile");
    }

    private static String only(Restore restore) {
        return restore.leavesGuestState() ? "'s data disks " + String.join(", ", restore.disks()) : "";
    }

    private static Restore ended(Restore restore, RestoreRun run) {
        RestoreRunStatus status = run.getStatus();
        boolean isComplete = status.phase() == RunPhase.Completed;
        return TrustedLaunchVMStatusRestoreBuilder.builder(restore)
                .outcome(isComplete ? RestoreOutcome.Completed : RestoreOutcome.Failed)
                .reason(
                        isComplete
                                ? null
                                : status.knownReason()
                                        .orElse(Reason.RestoreFailed)
                                        .name())
                .message(isComplete ? null : status.said().orElse("it did not say why"))
                .build();
    }

    static Problem failure(Restore restore) {
        return restore.copyOf() == null ? failureInPlace(restore) : ClonePlan.failure(restore);
    }

    private static Problem failureInPlace(Restore restore) {
        return new Problem(
                Reason.RestoreFailed,
                "node " + restore.nodeName() + " could not restore the VM from VMBackup "
                        + restore.backup().name() + " (" + restore.reason() + "): " + restore.message()
                        + ". The VM's files are as they were: remove spec.approveRestore to start from them; to try again,"
                        + " remove it, and set it once more");
    }
}
