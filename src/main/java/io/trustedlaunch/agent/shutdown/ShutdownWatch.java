package io.trustedlaunch.agent.shutdown;

import io.trustedlaunch.process.PeriodicTasks;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches for an announced shutdown of the host, and answers which VMs are left. */
public final class ShutdownWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ShutdownWatch.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** Bounded, since the end of a VM cannot be reported without the API server; it is reported after the next boot. */
    private static final int MAX_BUSY_CHECKS = 30;

    private final ShutdownRequest request;
    private final Supplier<Map<UUID, String>> left;
    private final BooleanSupplier idle;
    private final Runnable changed;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("shutdown").factory());

    /** All VMs that were left at any time since the request. */
    private final Set<UUID> seen = new TreeSet<>();

    private Optional<Instant> before = Optional.empty();
    private int busyChecks;

    /**
     * @param left what must be done before the shutdown, as text for each VM
     * @param idle whether no pass over a VM is running
     * @param changed called after a request was made or withdrawn; returns soon
     */
    public ShutdownWatch(
            ShutdownRequest request, Supplier<Map<UUID, String>> left, BooleanSupplier idle, Runnable changed) {
        this.request = request;
        this.left = left;
        this.idle = idle;
        this.changed = changed;
    }

    public void start() {
        PeriodicTasks.start(thread, Duration.ZERO, INTERVAL, this::checkOrLog);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void checkOrLog() {
        try {
            check();
        } catch (IOException | RuntimeException e) {
            if (thread.isShutdown()) {
                return;
            }
            LOG.error("The request to stop this host's guests cannot be answered, retrying", e);
        }
    }

    void check() throws IOException {
        Optional<Instant> now = request.since();
        if (!now.equals(before)) {
            LOG.info(
                    now.isPresent()
                            ? "A shutdown of the host was announced: its guests are stopped, and none is started"
                            : "The announced shutdown of the host was withdrawn: guests may start");
            before = now;
            seen.clear();
            busyChecks = 0;
            changed.run();
        }
        if (now.isPresent()) {
            request.answer(answer());
        } else {
            request.removeAnswer();
        }
    }

    private String answer() {
        Map<UUID, String> remaining;
        try {
            remaining = left.get();
        } catch (RuntimeException e) {
            LOG.warn("The VMs that are left on this host cannot be listed: {}", e.getMessage());
            return "waiting: " + e.getMessage() + "\n";
        }
        seen.addAll(remaining.keySet());
        if (!remaining.isEmpty()) {
            return "waiting: " + remaining.size() + " of " + seen.size() + " VMs left\n"
                    + String.join(
                            "",
                            remaining.values().stream()
                                    .map(task -> task + "\n")
                                    .sorted()
                                    .toList());
        }
        // A pass may be about to report the end of a VM.
        if (!idle.getAsBoolean() && busyChecks++ < MAX_BUSY_CHECKS) {
            return "waiting: the end of the VMs is being reported\n";
        }
        // A pass over a VM may have observed the request first, so that its guest was never listed here.
        return seen.isEmpty()
                ? "done: no VM is left on this host\n"
                : "done: " + seen.size() + " VMs stopped, their guest state is sealed at home\n";
    }
}
