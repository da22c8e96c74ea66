package io.trustedlaunch.process;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** Whether the tasks of a process go on. Each must end a run, well or not, again and again: one that hangs never fails. */
public final class Liveness {
    private final LongSupplier nanoTime;
    private final Duration limit;
    private final Map<String, Long> lastEnds = new ConcurrentHashMap<>();

    /** @param limit between the ends of two runs of a task, and before the end of its first */
    public Liveness(LongSupplier nanoTime, Duration limit) {
        this.nanoTime = nanoTime;
        this.limit = limit;
    }

    public Runnable watched(String name, Runnable task) {
        lastEnds.put(name, nanoTime.getAsLong());
        return () -> {
            try {
                task.run();
            } finally {
                lastEnds.put(name, nanoTime.getAsLong());
            }
        };
    }

    /** The tasks that do not go on; empty if all do. */
    public Optional<String> problem() {
        long now = nanoTime.getAsLong();
        String stuck = lastEnds.entrySet().stream()
                .filter(task -> now - task.getValue() > limit.toNanos())
                .map(Map.Entry::getKey)
                .sorted()
                .collect(Collectors.joining(", "));
        return stuck.isEmpty() ? Optional.empty() : Optional.of("no run has ended in time: " + stuck);
    }
}
