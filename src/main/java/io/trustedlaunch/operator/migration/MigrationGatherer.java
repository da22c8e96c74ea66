package io.trustedlaunch.operator.migration;

import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.operator.kube.ApiReader;
import java.time.InstantSource;
import java.util.Optional;

/** Reads what a migration's status is computed from. */
final class MigrationGatherer {
    private final MigrationCaches caches;
    private final ApiReader reader;
    private final PendingMigrations pending;
    private final InstantSource clock;

    MigrationGatherer(MigrationCaches caches, ApiReader reader, PendingMigrations pending, InstantSource clock) {
        this.caches = caches;
        this.reader = reader;
        this.pending = pending;
        this.clock = clock;
    }

    MigrationFacts gather(VMMigration migration) {
        Optional<TrustedLaunchVM> vm = vm(migration);
        Optional<Migration> record = vm.flatMap(found -> MigrationFacts.recordedBy(found, migration));
        return MigrationFactsBuilder.builder()
                .migration(migration)
                .vm(vm)
                .source(record.flatMap(recorded -> source(vm.orElseThrow(), recorded)))
                .target(record.flatMap(recorded ->
                        caches.incarnation(VMIncarnation.nameOf(vm.orElseThrow().identity(), recorded.epoch()))))
                .problem(record.isPresent() || migration.hasBegun() ? Optional.empty() : pending.problem(migration))
                .now(clock.instant())
                .build();
    }

    /** Read from the API server before a migration that has begun is declared forgotten: the cache may be late. */
    private Optional<TrustedLaunchVM> vm(VMMigration migration) {
        String namespace = migration.getMetadata().getNamespace();
        String name = migration.getSpec().vmRef().name();
        Optional<TrustedLaunchVM> cached = caches.vm(namespace, name);
        boolean forgotten = migration.hasBegun()
                && !migration.hasEnded()
                && cached.flatMap(vm -> MigrationFacts.recordedBy(vm, migration))
                        .isEmpty();
        return forgotten ? reader.vm(namespace, name) : cached;
    }

    /** The incarnation whose agent reports this migration. */
    private Optional<VMIncarnation> source(TrustedLaunchVM vm, Migration recorded) {
        return caches.incarnations(vm).stream()
                .filter(incarnation -> incarnation.getSpec().nodeName().equals(recorded.sourceNode()))
                .filter(incarnation -> incarnation
                        .status()
                        .map(VMIncarnationStatus::departure)
                        .filter(departure -> departure.epoch().equals(recorded.epoch()))
                        .isPresent())
                .findFirst();
    }
}
