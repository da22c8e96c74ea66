package io.trustedlaunch.operator.migration;

import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.operator.kube.ApiReader;
import java.time.InstantSource;
import java.util.Optional;

/** Reads what a migration's status needs. */
final class MigrationGatherer {
    private final MigrationEventSources caches;
    private final ApiReader tenants;
    private final PendingMigrations pending;
    private final InstantSource clock;

    MigrationGatherer(
            MigrationEventSources caches, ApiReader tenants, PendingMigrations pending, InstantSource clock) {
        this.caches = caches;
        this.tenants = tenants;
        this.pending = pending;
        this.clock = clock;
    }

    MigrationFacts gather(VMMigration migration) {
        Optional<TrustedLaunchVM> vm = vm(migration);
        Optional<Migration> move = vm.flatMap(found -> MigrationFacts.recordedBy(found, migration));
        boolean hasBegun =
                migration.getStatus() != null && migration.getStatus().startedAt() != null;
        return new MigrationFacts(
                migration,
                vm,
                move.flatMap(recorded -> source(vm.orElseThrow(), recorded)),
                move.flatMap(recorded ->
                        caches.life(VMIncarnation.nameOf(vm.orElseThrow().identity(), recorded.epoch()))),
                move.isPresent() || hasBegun
                        ? Optional.empty()
                        : pending.problem(migration),
                clock.instant());
    }

    /** Asked anew before a move that had begun is said to be forgotten. */
    private Optional<TrustedLaunchVM> vm(VMMigration migration) {
        String namespace = migration.getMetadata().getNamespace();
        String name = migration.getSpec().vmRef().name();
        Optional<TrustedLaunchVM> cached = caches.vm(namespace, name);
        boolean forgotten = migration.getStatus() != null
                && migration.getStatus().startedAt() != null
                && migration.getStatus().endedAt() == null
                && cached.flatMap(vm -> MigrationFacts.recordedBy(vm, migration))
                        .isEmpty();
        return forgotten ? tenants.vm(namespace, name) : cached;
    }

    /** The one whose agent speaks of this move. */
    private Optional<VMIncarnation> source(TrustedLaunchVM vm, Migration move) {
        return caches.lives(vm).stream()
                .filter(life -> life.getSpec().nodeName().equals(move.sourceNode()))
                .filter(life -> Optional.ofNullable(life.getStatus())
                        .map(VMIncarnationStatus::departure)
                        .filter(departure -> departure.epoch().equals(move.epoch()))
                        .isPresent())
                .findFirst();
    }
}
