package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.CloneSource;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.vm.facts.EscrowFacts;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.RestoreFacts;
import io.trustedlaunch.operator.vm.facts.RestoreFactsBuilder;
import io.trustedlaunch.operator.vm.facts.RestoreGrants;
import io.trustedlaunch.operator.vm.facts.RestoreRecord;
import io.trustedlaunch.operator.vm.facts.VmObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** Reads what a restore of a VM needs: its backup, the location, the run, and what opens them. */
final class RestoreGatherer {
    private static final Duration AFTER_A_FAILED_COPY = Duration.ofMinutes(1);

    private final ApiReader reader;
    private final VmCaches caches;
    private final EscrowGatherer escrows;
    private final RestoreGrants buckets;
    private final InstantSource clock;

    RestoreGatherer(
            ApiReader reader, VmCaches caches, EscrowGatherer escrows, RestoreGrants buckets, InstantSource clock) {
        this.reader = reader;
        this.caches = caches;
        this.escrows = escrows;
        this.buckets = buckets;
        this.clock = clock;
    }

    /**
     * @param isTakeover whether the VM has not taken over the retained VM yet that it was created to continue
     * @param keys the facts of a VM's protection key, by its identity
     */
    RestoreFacts gather(TrustedLaunchVM vm, boolean isTakeover, Function<String, KeyFacts> keys) {
        RestoreRecord restores = new RestoreRecord(vm);
        return restores.isNone() ? RestoreFacts.NONE : gather(vm, restores, isTakeover, keys);
    }

    private RestoreFacts gather(
            TrustedLaunchVM vm, RestoreRecord restores, boolean isTakeover, Function<String, KeyFacts> keys) {
        Optional<VMBackup> backup = restores.open().isPresent()
                ? Optional.empty()
                : restores.due()
                        .map(due -> due.backupRef().name())
                        .or(() -> backupToCopy(vm))
                        .flatMap(name -> reader.backup(vm.getMetadata().getNamespace(), name));
        Optional<BackupLocation> location = backup.flatMap(
                of -> reader.backupLocation(of.getSpec().locationRef().name()));
        Optional<RestoreRun> run = restores.open().flatMap(open -> caches.restoreRun(open.uid()));
        return RestoreFactsBuilder.builder()
                .backup(backup)
                .location(location)
                .run(run)
                .grant(
                        restores.open().isPresent()
                                ? restores.open().filter(open -> run.isEmpty()).flatMap(open -> grant(vm, open))
                                : location.map(BackupLocation::getSpec)
                                        .filter(found -> found.s3() != null && found.id() != null)
                                        .flatMap(buckets::problem)
                                        .map(Result.Refused::new))
                .copied(copied(restores, backup)
                        .filter(of -> run.isEmpty())
                        .map(of -> escrows.copied(vm, of, keys.apply(of), () -> backup.or(() -> copiedBackup(vm)))))
                .escrow(isTakeover ? escrows.gather(vm, keys.apply(vm.identity()), backup) : new EscrowFacts.None())
                .again(restores.failedCopy().flatMap(this::again))
                .build();
    }

    private Optional<VMBackup> copiedBackup(TrustedLaunchVM vm) {
        return vm.copiedBackup().flatMap(name -> reader.backup(vm.getMetadata().getNamespace(), name));
    }

    /** Until its guest runs, the disks that were copied may be lost with their node, and copied again. */
    private static Optional<String> backupToCopy(TrustedLaunchVM vm) {
        return vm.copiedBackup().filter(name -> new VmObject(vm).ek().isEmpty() && !vm.isMarkedForDeletion());
    }

    /** The VM whose disks are copied. */
    private static Optional<String> copied(RestoreRecord restores, Optional<VMBackup> backup) {
        return restores.open()
                .flatMap(open -> Optional.ofNullable(open.copyOf()).map(CloneSource::uid))
                .or(() -> backup.filter(of -> restores.isClone() && of.getStatus() != null)
                        .map(of -> of.getStatus().vmUID()));
    }

    private Optional<Duration> again(Restore failed) {
        return Optional.of(
                        RecordedTime.left(AFTER_A_FAILED_COPY, Instant.parse(failed.completionTime()), clock.instant()))
                .filter(Duration::isPositive);
    }

    private Optional<Result<byte[]>> grant(TrustedLaunchVM vm, Restore open) {
        if (open.location().s3() == null) {
            return Optional.empty();
        }
        BackupRef wanted = new BackupRef(
                new BackupId(
                        UUID.fromString(open.sourceVm(vm.identity())),
                        UUID.fromString(open.backup().uid())),
                open.backup().indexSHA256());
        return Optional.of(reader.backupLocation(open.location().name())
                .filter(location -> BackupRunSpec.Location.of(location).equals(open.location()))
                .map(location -> buckets.toRestore(location.getSpec(), wanted, UUID.fromString(open.uid())))
                .orElseGet(() -> new Result.Refused<>(new Problem(
                        Reason.BackupLocationNotFound,
                        "BackupLocation " + open.location().name() + ", which has the backup in "
                                + open.location().s3()
                                + ", was deleted or replaced: an administrator creates it as it was"))));
    }
}
