package io.trustedlaunch.operator.migration;

import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.TrustedLaunchVMStatus.Migration;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationStatus;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.migration.MigrationFacts.Hindrance;
import io.trustedlaunch.operator.vm.VmSight;
import java.time.InstantSource;
import java.util.Optional;

/** Reads what a migration's status needs. */
final class MigrationGatherer {
    private final MigrationEventSources caches;
    private final ApiReader tenants;
    private final VmSight vms;
    private final InstantSource clock;

    MigrationGatherer(MigrationEventSources caches, ApiReader tenants, VmSight vms, InstantSource clock) {
        this.caches = caches;
        this.tenants = tenants;
        this.vms = vms;
        this.clock = clock;
    }

    MigrationFacts gather(VMMigration migration) {
        Optional<TrustedLaunchVM> vm = vm(migration);
        Optional<Migration> move = vm.flatMap(found -> MigrationFacts.recordedBy(found, migration));
        boolean hasBegun =
                migration.getStatus() != null && migration.getStatus().startTime() != null;
        return MigrationFactsBuilder.builder()
                .migration(migration)
                .vm(vm)
                .source(move.flatMap(recorded -> source(vm.orElseThrow(), recorded)))
                .target(move.flatMap(recorded ->
                        caches.incarnation(VMIncarnation.nameOf(vm.orElseThrow().identity(), recorded.epoch()))))
                .hindrance(
                        move.isPresent() || hasBegun
                                ? Optional.empty()
                                : vm.flatMap(found -> vms.hindrance(found, migration))
                                        .map(obstacle -> new Hindrance(obstacle.reason(), obstacle.message())))
                .now(clock.instant())
                .build();
    }

    /** Asked anew before a move that had begun is said to be forgotten. */
    private Optional<TrustedLaunchVM> vm(VMMigration migration) {
        String namespace = migration.getMetadata().getNamespace();
        String name = migration.getSpec().vmRef().name();
        Optional<TrustedLaunchVM> cached = caches.vm(namespace, name);
        boolean forgotten = migration.getStatus() != null
                && migration.getStatus().startTime() != null
                && migration.getStatus().completionTime() == null
                && cached.flatMap(vm -> MigrationFacts.recordedBy(vm, migration))
                        .isEmpty();
        return forgotten ? tenants.vm(namespace, name) : cached;
    }

    /** The one whose agent speaks of this move. */
    private Optional<VMIncarnation> source(TrustedLaunchVM vm, Migration move) {
        return caches.incarnations(vm).stream()
                .filter(incarnation -> incarnation.getSpec().nodeName().equals(move.sourceNode()))
                .filter(incarnation -> Optional.ofNullable(incarnation.getStatus())
                        .map(VMIncarnationStatus::departure)
                        .filter(departure -> departure.epoch().equals(move.epoch()))
                        .isPresent())
                .findFirst();
    }
}
