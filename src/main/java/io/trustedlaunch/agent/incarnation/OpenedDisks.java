package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.incarnation.plan.IncarnationFacts;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * When this process has opened the disks of paused guests. QEMU keeps what it has read of a disk's metadata, so that a guest whose
 * disks were written to elsewhere since then would lose those writes. A fence that rests on a still beacon shows that the dead node
 * wrote nothing for a while: disks that were opened before that are opened anew.
 */
final class OpenedDisks {
    /** Less than a beacon must stand still. */
    private static final Duration COVERED = Duration.ofSeconds(110);

    private final LongSupplier nanoTime;
    private final Map<UUID, Opened> byVm = new ConcurrentHashMap<>();

    private record Opened(long epoch, long nanos) {}

    OpenedDisks(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    void note(IncarnationFacts facts) {
        byVm.put(facts.vm(), new Opened(facts.epoch(), nanoTime.getAsLong()));
    }

    /**
     * Nothing that another node wrote since then can have been missed, if the fences of the incarnation hold now. Of a guest that is
     * on record as resumed that was so: it may run.
     */
    boolean areCovered(IncarnationFacts facts) {
        if (facts.folderRequest().fences().isEmpty() || facts.wasResumed()) {
            return true;
        }
        Opened opened = byVm.get(facts.vm());
        return opened != null
                && opened.epoch() == facts.epoch()
                && nanoTime.getAsLong() - opened.nanos() < COVERED.toNanos();
    }

    void forget(UUID vm) {
        byVm.remove(vm);
    }
}
