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
    private final Map<String, Task> tasks = new ConcurrentHashMap<>();

    private record Task(Duration limit, long lastEnd) {}

    public Liveness(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** @param limit between the ends of two runs, and before the end of the first */
    public Runnable watched(String name, Duration limit, Runnable task) {
        ended(name, limit);
        return () -> {
            try {
                task.run();
            } finally {
                ended(name, limit);
            }
        };
    }

    /** The tasks that do not go on; empty if all do. */
    public Optional<String> problem() {
        long now = nanoTime.getAsLong();
        String stuck = tasks.entrySet().stream()
                .filter(task -> now - task.getValue().lastEnd()
                        > task.getValue().limit().toNanos())
                .map(Map.Entry::getKey)
                .sorted()
                .collect(Collectors.joining(", "));
        return stuck.isEmpty() ? Optional.empty() : Optional.of("no run has ended in time: " + stuck);
    }

    private void ended(String name, Duration limit) {
        tasks.put(name, new Task(limit, nanoTime.getAsLong()));
    }
}
