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
 * Runs work for VMs, never twice at once for the same VM. A VM that is woken while its work runs gets another turn.
 * Keyed by VM, not by incarnation: work for two incarnations of one VM must not run at the same time.
 */
public final class VmQueue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VmQueue.class);
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(10);

    private final Function<UUID, Optional<Duration>> work;
    private final ExecutorService workers;
    private final ScheduledExecutorService timer;
    private final Map<UUID, Turn> turns = new HashMap<>();

    /** A VM's state between its turns. */
    private static final class Turn {
        private boolean running;
        private boolean again;
        private ScheduledFuture<?> later;
    }

    /**
     * @param name of the threads
     * @param work returns the delay until the VM's next turn; empty: when it is woken
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

    /** Whether no work is running or queued. */
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
            LOG.debug("VM {} was woken after the queue was closed", vm);
        }
    }

    private void run(UUID vm) {
        Optional<Duration> next = Optional.of(AFTER_A_FAILURE);
        try {
            next = work.apply(vm);
        } catch (RuntimeException | Error e) {
            LOG.error("VM {}: unexpected error, trying again", vm, e);
        } finally {
            ended(vm, next);
        }
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
