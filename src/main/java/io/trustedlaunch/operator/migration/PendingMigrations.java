package io.trustedlaunch.operator.migration;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Why migrations do not begin. The VM's controller, which begins them, reports it; the migration's controller writes it to
 * the status. It is kept in memory only: after a restart, the first pass over the VM finds it again.
 */
public final class PendingMigrations {
    /** A migration, and what keeps it from beginning. */
    public record Pending(VMMigration migration, Problem problem) {
        private boolean isOf(VMMigration other) {
            return migration.getMetadata().getUid().equals(other.getMetadata().getUid());
        }
    }

    private final Map<ResourceID, List<Pending>> byVm = new ConcurrentHashMap<>();
    private final SimpleInboundEventSource<VMMigration> changes = new SimpleInboundEventSource<>("pending-migrations");

    /**
     * Replaces what was reported for this VM before. A new reason triggers a pass over the migration; a new message waits
     * for the next pass, so that changing figures do not cause a write each.
     */
    public void report(TrustedLaunchVM vm, List<Pending> pending) {
        ResourceID id = ResourceID.fromResource(vm);
        List<Pending> before = byVm.getOrDefault(id, List.of());
        if (pending.isEmpty()) {
            byVm.remove(id);
        } else {
            byVm.put(id, pending);
        }
        pending.stream()
                .filter(one -> problem(before, one.migration())
                        .filter(was -> was.reason() == one.problem().reason())
                        .isEmpty())
                .forEach(one -> changes.propagateEvent(ResourceID.fromResource(one.migration())));
    }

    Optional<Problem> problem(VMMigration migration) {
        ResourceID vm = new ResourceID(
                migration.getSpec().vmRef().name(), migration.getMetadata().getNamespace());
        return problem(byVm.getOrDefault(vm, List.of()), migration);
    }

    EventSource<?, VMMigration> changes() {
        return changes;
    }

    private static Optional<Problem> problem(List<Pending> pending, VMMigration migration) {
        return pending.stream()
                .filter(one -> one.isOf(migration))
                .map(Pending::problem)
                .findFirst();
    }
}
