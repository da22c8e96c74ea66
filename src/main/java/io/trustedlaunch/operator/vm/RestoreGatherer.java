package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.Result;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.CloneSource;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Fill;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Restore;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.operator.backuplocation.BackupLocationChecks;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.vm.facts.EscrowFacts;
import io.trustedlaunch.operator.vm.facts.FillFacts;
import io.trustedlaunch.operator.vm.facts.FillFactsBuilder;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import io.trustedlaunch.operator.vm.facts.KeyFacts;
import io.trustedlaunch.operator.vm.facts.RestoreFacts;
import io.trustedlaunch.operator.vm.facts.RestoreFactsBuilder;
import io.trustedlaunch.operator.vm.facts.RestoreGrants;
import io.trustedlaunch.operator.vm.facts.RestoreRecord;
import io.trustedlaunch.operator.vm.facts.VmObject;
import io.trustedlaunch.placement.NodeInfo;
import io.trustedlaunch.placement.NodeSnapshot;
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
        Optional<RestoreRun> run = restores.open().flatMap(open -> caches.restoreRun(open.uid()));
        Optional<VMBackup> backup = restores.open().isPresent()
                ? restores.open()
                        .filter(open -> open.startsAtOnce() && run.isEmpty())
                        .flatMap(open -> backup(vm, open.backup()))
                : restores.due()
                        .map(due -> due.backupRef().name())
                        .or(() -> backupToCopy(vm))
                        .flatMap(name -> reader.backup(vm.getMetadata().getNamespace(), name));
        Optional<BackupLocation> location = backup.flatMap(
                of -> reader.backupLocation(of.getSpec().locationRef().name()));
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

    private Optional<VMBackup> backup(TrustedLaunchVM vm, RecordedBackup recorded) {
        return reader.backup(vm.getMetadata().getNamespace(), recorded.name())
                .filter(found -> found.getStatus() != null
                        && recorded.uid().equals(found.getStatus().backupUID()));
    }

    private Optional<Result<byte[]>> grant(TrustedLaunchVM vm, Restore open) {
        return open.location().s3() == null
                ? Optional.empty()
                : Optional.of(grant(
                        open.uid(),
                        open.sourceVm(vm.identity()),
                        open.backup(),
                        open.location(),
                        location(open.location())));
    }

    private Optional<BackupLocation> location(BackupRunSpec.Location recorded) {
        return reader.backupLocation(recorded.name())
                .filter(location -> BackupRunSpec.Location.of(location).equals(recorded));
    }

    private Result<byte[]> grant(
            String restore,
            String backupOf,
            RecordedBackup backup,
            BackupRunSpec.Location recorded,
            Optional<BackupLocation> location) {
        BackupRef wanted = new BackupRef(
                new BackupId(UUID.fromString(backupOf), UUID.fromString(backup.uid())), backup.indexSHA256());
        return location.map(found -> buckets.toRestore(found.getSpec(), wanted, UUID.fromString(restore)))
                .orElseGet(() -> new Result.Refused<>(BackupLocationChecks.gone(recorded)));
    }

    /**
     * What the filling of its disks needs.
     *
     * @param served its incarnation, unless that is over
     * @param keys the facts of a VM's protection key, by its identity
     */
    FillFacts fill(VmObject vm, Optional<Incarnation> served, NodeSnapshot nodes, Function<String, KeyFacts> keys) {
        return vm.diskFill().map(fill -> fill(vm, fill, served, nodes, keys)).orElse(FillFacts.NONE);
    }

    private FillFacts fill(
            VmObject vm, Fill fill, Optional<Incarnation> served, NodeSnapshot nodes, Function<String, KeyFacts> keys) {
        FillFacts known = FillFactsBuilder.builder(FillFacts.NONE)
                .run(caches.diskFill(fill.uid()))
                .build();
        boolean isDue = served.map(incarnation -> known.runOf(vm, incarnation.node())
                        .map(run -> FillFacts.isSealDue(run, sealingKey(nodes, incarnation.node()), clock.instant()))
                        .orElse(true))
                .orElse(false);
        // A start may be moved.
        if (served.filter(Incarnation::hasRun).isPresent() && !isDue) {
            return known;
        }
        Optional<BackupLocation> location = location(fill.location());
        TrustedLaunchVM resource = vm.resource();
        return FillFactsBuilder.builder(known)
                .location(location)
                .grant(
                        isDue && fill.location().s3() != null
                                ? Optional.of(
                                        grant(fill.uid(), fill.backupOf(), fill.backup(), fill.location(), location))
                                : Optional.empty())
                .copied(
                        isDue && !fill.backupOf().equals(vm.uid())
                                ? Optional.of(escrows.copied(
                                        resource,
                                        fill.backupOf(),
                                        keys.apply(fill.backupOf()),
                                        () -> backup(resource, fill.backup())))
                                : Optional.empty())
                .build();
    }

    private static Optional<String> sealingKey(NodeSnapshot nodes, String name) {
        return nodes.find(name).flatMap(NodeInfo::sealingKey);
    }
}
