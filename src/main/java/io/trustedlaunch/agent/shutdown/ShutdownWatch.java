package io.trustedlaunch.agent.shutdown;

import io.trustedlaunch.periodic.Periodic;
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

/** Sees that the host is to shut down, or is not any more, and tells whoever waits what is left to do. */
public final class ShutdownWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ShutdownWatch.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    /** Without an API server the ends cannot be told, and are told when the node is back. */
    private static final int MOST_LOOKS_AT_WORK = 30;

    private final ShutdownRequest request;
    private final Supplier<Map<UUID, String>> left;
    private final BooleanSupplier idle;
    private final Runnable changed;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("shutdown").factory());

    /** All VMs that were left at any time since the request was made. */
    private final Set<UUID> seen = new TreeSet<>();

    private Optional<Instant> before = Optional.empty();
    private int looksAtWork;

    /**
     * @param left what keeps the host from shutting down, in words, by VM
     * @param idle no VM is being worked on
     * @param changed called when a request was made or withdrawn; returns soon
     */
    public ShutdownWatch(
            ShutdownRequest request, Supplier<Map<UUID, String>> left, BooleanSupplier idle, Runnable changed) {
        this.request = request;
        this.left = left;
        this.idle = idle;
        this.changed = changed;
    }

    public void start() {
        Periodic.start(thread, Duration.ZERO, BETWEEN_LOOKS, this::lookOrSayWhy);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void lookOrSayWhy() {
        try {
            look();
        } catch (IOException | RuntimeException e) {
            if (thread.isShutdown()) {
                return;
            }
            LOG.error("Whoever waits for this host's guests to stop cannot be answered", e);
        }
    }

    void look() throws IOException {
        Optional<Instant> now = request.since();
        if (!now.equals(before)) {
            LOG.info(
                    now.isPresent()
                            ? "The host is to shut down: its guests are stopped, and none is started"
                            : "The host is not to shut down any more: guests may start");
            before = now;
            seen.clear();
            looksAtWork = 0;
            changed.run();
        }
        if (now.isPresent()) {
            request.answer(answer());
        } else {
            request.withdrawAnswer();
        }
    }

    private String answer() {
        Map<UUID, String> waitedFor;
        try {
            waitedFor = left.get();
        } catch (RuntimeException e) {
            LOG.warn("What is left of this host's guests is not known: {}", e.getMessage());
            return "waiting " + e.getMessage() + "\n";
        }
        seen.addAll(waitedFor.keySet());
        if (!waitedFor.isEmpty()) {
            return "waiting " + waitedFor.size() + " of " + seen.size() + " VMs left\n"
                    + String.join(
                            "",
                            waitedFor.values().stream()
                                    .map(what -> what + "\n")
                                    .sorted()
                                    .toList());
        }
        // An end that has just been brought about is about to be told.
        if (!idle.getAsBoolean() && looksAtWork++ < MOST_LOOKS_AT_WORK) {
            return "waiting until the ends of VMs are told\n";
        }
        // Whoever works on a VM may have seen the request first, and the guest may have ended before it was seen here.
        return seen.isEmpty()
                ? "done no VM is left here\n"
                : "done " + seen.size() + " VMs stopped, their state in their homes\n";
    }
}
