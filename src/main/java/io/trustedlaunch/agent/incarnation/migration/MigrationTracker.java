package io.trustedlaunch.agent.incarnation.migration;

import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.incarnation.plan.DeparturePlanner;
import io.trustedlaunch.agent.incarnation.record.DepartureRecord;
import io.trustedlaunch.agent.migration.Convergence;
import io.trustedlaunch.agent.migration.Convergence.Verdict;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Course;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Follows the convergence of the migrations that this process started. */
public final class MigrationTracker {
    private final Map<UUID, Tracked> migrations = new ConcurrentHashMap<>();

    private record Tracked(long epoch, Convergence convergence) {}

    /** Adds the current progress of the recorded migration, and returns the verdict. */
    public Verdict track(
            UUID vm,
            Optional<DepartureRecord> departure,
            VMIncarnationSpec.Departure requested,
            Optional<MigrationProgress> underway) {
        Optional<DepartureRecord> open = departure.filter(known -> known.course() == Course.Underway);
        if (open.isEmpty() || requested == null) {
            migrations.remove(vm);
            return new Verdict.GoOn();
        }
        long epoch = open.get().epoch();
        Convergence before = Optional.ofNullable(migrations.get(vm))
                .filter(known -> known.epoch() == epoch)
                .map(Tracked::convergence)
                .orElseGet(() -> Convergence.begin(DeparturePlanner.limits(requested)));
        Convergence now = underway.flatMap(MigrationProgress::memory)
                .map(before::observed)
                .orElse(before);
        migrations.put(vm, new Tracked(epoch, now));
        return now.verdict();
    }
}
