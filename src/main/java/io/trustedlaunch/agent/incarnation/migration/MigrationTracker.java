package io.trustedlaunch.agent.incarnation.migration;

import io.trustedlaunch.agent.hypervisor.MigrationProgress;
import io.trustedlaunch.agent.incarnation.plan.DeparturePlanner;
import io.trustedlaunch.agent.incarnation.record.MigrationRecord.Departure;
import io.trustedlaunch.agent.migration.Convergence;
import io.trustedlaunch.agent.migration.Convergence.Verdict;
import io.trustedlaunch.api.VMIncarnationSpec;
import io.trustedlaunch.api.VMIncarnationStatus.Course;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** How the moves go that this process began, from one look to the next. */
public final class MigrationTracker {
    private final Map<UUID, Followed> moves = new ConcurrentHashMap<>();

    private record Followed(long epoch, Convergence convergence) {}

    /** What the last look says of the move that is on record. */
    public Verdict look(
            UUID vm,
            Optional<Departure> departure,
            VMIncarnationSpec.Departure wish,
            Optional<MigrationProgress> underway) {
        Optional<Departure> open = departure.filter(known -> known.course() == Course.Underway);
        if (open.isEmpty() || wish == null) {
            moves.remove(vm);
            return new Verdict.GoOn();
        }
        long epoch = open.get().epoch();
        Convergence before = Optional.ofNullable(moves.get(vm))
                .filter(known -> known.epoch() == epoch)
                .map(Followed::convergence)
                .orElseGet(() -> Convergence.begin(DeparturePlanner.limits(wish)));
        Convergence now = underway.flatMap(MigrationProgress::memory)
                .map(before::observed)
                .orElse(before);
        moves.put(vm, new Followed(epoch, now));
        return now.verdict();
    }
}
