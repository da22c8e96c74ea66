package io.trustedlaunch.agent.host;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on VMs, never on one of them twice at once. A VM that is woken while it is worked on has another turn after.
 * Keyed by VM, not by incarnation: what concerns two lives of one VM must not run beside each other.
 */
public final class VmQueue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VmQueue.class);
    private static final Duration AFTER_A_FAULT = Duration.ofSeconds(10);

    private final Function<UUID, Optional<Duration>> work;
    private final ExecutorService workers;
    private final ScheduledExecutorService timer;
    private final Map<UUID, Turn> turns = new HashMap<>();

    /** What is known of a VM between its turns. */
    private static final class Turn {
        private boolean running;
        private boolean again;
        private ScheduledFuture<?> later;
    }

    /**
     * @param name of its threads
     * @param work returns when the VM wants its next turn; empty: when it is woken
     */
    public VmQueue(String name, int threads, Function<UUID, Optional<Duration>> work) {
        this.work = work;
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name(name + "-timer").factory());
        this.workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name(name + "-", 0).factory());
    }

    public synchronized void wake(UUID vm) {
        Turn turn = turns.computeIfAbsent(vm, key -> new Turn());
        if (turn.later != null) {
            turn.later.cancel(false);
            turn.later = null;
        }
        if (turn.running) {
            turn.again = true;
        } else {
            start(vm, turn);
        }
    }

    /** No VM is worked on, or is about to be. */
    public synchronized boolean isIdle() {
        return turns.values().stream().noneMatch(turn -> turn.running);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        workers.shutdownNow();
    }

    private void start(UUID vm, Turn turn) {
        try {
            workers.execute(() -> run(vm));
            turn.running = true;
        } catch (RejectedExecutionException e) {
            LOG.debug("closed while VM {} was woken", vm);
        }
    }

    private void run(UUID vm) {
        Optional<Duration> next;
        try {
            next = work.apply(vm);
        } catch (RuntimeException e) {
            LOG.error("the turn of VM {} failed", vm, e);
            next = Optional.of(AFTER_A_FAULT);
        }
        ended(vm, next);
    }

    private synchronized void ended(UUID vm, Optional<Duration> next) {
        Turn turn = turns.get(vm);
        turn.running = false;
        if (turn.again) {
            turn.again = false;
            start(vm, turn);
        } else if (next.isEmpty()) {
            turns.remove(vm);
        } else if (!timer.isShutdown()) {
            turn.later = timer.schedule(() -> wake(vm), next.get().toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
