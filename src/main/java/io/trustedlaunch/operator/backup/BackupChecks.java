package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import io.trustedlaunch.operator.backuplocation.BackupLocationChecks;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The conditions that a backup waits for before it begins, in the order in which they are reported. Pure. */
final class BackupChecks {
    private static final Comparator<VMBackup> FIRST_COME_FIRST_SERVED = Comparator.comparing(
                    (VMBackup backup) -> Instant.parse(backup.getMetadata().getCreationTimestamp()))
            .thenComparing(backup -> backup.getMetadata().getUid());

    private BackupChecks() {}

    static List<Function<BackupFacts, Optional<Problem>>> all() {
        return List.of(
                BackupChecks::attempt,
                BackupChecks::vm,
                BackupChecks::location,
                BackupChecks::migration,
                BackupChecks::filling,
                BackupChecks::devices,
                BackupChecks::guest,
                BackupChecks::otherRun,
                BackupChecks::turn);
    }

    /** The run of the attempt before is removed first, with what it has left; then some time passes. */
    private static Optional<Problem> attempt(BackupFacts facts) {
        return facts.backup()
                .retry()
                .filter(retry -> facts.run().isPresent() || BackupAttempts.isPausing(facts.backup(), facts.now()))
                .map(retry -> BackupAttempts.pending(facts.backup(), retry));
    }

    private static Optional<Problem> vm(BackupFacts facts) {
        String name = facts.backup().getSpec().vmRef().name();
        if (facts.vm().isEmpty()) {
            return pending(
                    "there is no TrustedLaunchVM " + name + " in this namespace: create it, or delete this VMBackup");
        }
        return facts.vm().get().isMarkedForDeletion()
                ? pending("TrustedLaunchVM " + name + " is being deleted: delete this VMBackup, too")
                : Optional.empty();
    }

    private static Optional<Problem> location(BackupFacts facts) {
        return location(facts.backup(), facts);
    }

    private static Optional<Problem> location(VMBackup backup, BackupFacts facts) {
        String name = backup.getSpec().locationRef().name();
        String namespace = backup.getMetadata().getNamespace();
        BackupLocation location = facts.locations().get(name);
        if (location == null) {
            return Optional.of(new Problem(
                    Reason.BackupLocationNotFound,
                    "there is no BackupLocation " + name
                            + ": an administrator creates it, or create a VMBackup with another one. To list them:"
                            + " kubectl get backuplocations"));
        }
        return location.getSpec().allows(namespace)
                ? store(location, facts)
                : Optional.of(new Problem(
                        Reason.NamespaceNotAllowed,
                        "BackupLocation " + name + " is not offered to namespace " + namespace
                                + ": create a VMBackup with another one, or ask an administrator to add the namespace to"
                                + " its spec.allowedNamespaces"));
    }

    /** On the node that the run would be for, once the VM has one. */
    private static Optional<Problem> store(BackupLocation location, BackupFacts facts) {
        return facts.vm()
                .flatMap(TrustedLaunchVM::status)
                .map(TrustedLaunchVMStatus::nodeName)
                .map(node -> BackupLocationChecks.usable(location, node))
                .orElseGet(() -> BackupLocationChecks.identified(location));
    }

    /** A move wins: it does not wait for a backup, so none is begun. */
    private static Optional<Problem> migration(BackupFacts facts) {
        return facts.vm()
                .map(TrustedLaunchVM::getStatus)
                .map(TrustedLaunchVMStatus::migration)
                .filter(migration -> migration.outcome() == null)
                .flatMap(migration -> pending("the VM is being migrated to " + migration.targetNode()
                        + "; the backup begins when the migration has ended"));
    }

    /** They are not whole, and what is not there yet is in a backup. */
    private static Optional<Problem> filling(BackupFacts facts) {
        return facts.vm()
                .map(TrustedLaunchVM::getStatus)
                .map(TrustedLaunchVMStatus::diskFill)
                .flatMap(fill -> pending("the VM's disks are filled from VMBackup "
                        + fill.backup().name() + " ("
                        + Optional.ofNullable(fill.progressPercent()).orElse(0)
                        + " %); the backup begins when they are whole"));
    }

    /** A backup has all disks of the machine, and one that was added may not even have its file. */
    private static Optional<Problem> devices(BackupFacts facts) {
        return facts.incarnation()
                .flatMap(VMIncarnation::awaitedDevices)
                .flatMap(why -> pending(why + "; the backup begins when it has, or when the VM was restarted"));
    }

    private static Optional<Problem> guest(BackupFacts facts) {
        TrustedLaunchVM vm = facts.vm().orElseThrow();
        String name = "VM " + vm.getMetadata().getName() + " ";
        if (vm.hasRunningGuest()) {
            return Optional.empty();
        }
        if (StoppedVm.isOff(vm)) {
            return StoppedVm.obstacle(vm, facts.incarnation())
                    .flatMap(why -> pending(name + why + ". The backup begins by itself then, or when the VM runs"));
        }
        return pending(name + "is neither running nor off"
                + vm.status()
                        .map(TrustedLaunchVMStatus::phase)
                        .map(phase -> " (" + phase + ")")
                        .orElse("")
                + "; the backup begins when it is");
    }

    private static Optional<Problem> otherRun(BackupFacts facts) {
        return facts.otherRuns().stream()
                .map(BackupRun::getSpec)
                .findFirst()
                .flatMap(run -> pending("VMBackup " + run.backupRef().name()
                        + " of the same VM is being made; this one begins after it"));
    }

    /** One that has begun, or was created earlier; one that waits for its location or its next attempt holds up no other. */
    private static Optional<Problem> turn(BackupFacts facts) {
        return facts.others().stream()
                .filter(other -> !other.hasEnded() && !other.isMarkedForDeletion() && !other.wasImported())
                .filter(other -> other.hasBegun()
                        || (FIRST_COME_FIRST_SERVED.compare(other, facts.backup()) < 0
                                && !BackupAttempts.isPausing(other, facts.now())
                                && location(other, facts).isEmpty()))
                .min(FIRST_COME_FIRST_SERVED)
                .flatMap(other -> pending("VMBackup " + other.getMetadata().getName()
                        + " of the same VM comes first; this one begins after it"));
    }

    private static Optional<Problem> pending(String message) {
        return Optional.of(new Problem(Reason.BackupPending, message));
    }
}
