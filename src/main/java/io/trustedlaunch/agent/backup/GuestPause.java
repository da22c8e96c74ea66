package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.hypervisor.Hypervisor;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Pauses a guest for an action, and resumes it after a bound even if the action still runs. A guest whose agent dies
 * meanwhile stays paused until the next agent resumes it.
 */
public record GuestPause(Hypervisor hypervisor) {
    private enum State {
        PAUSED,
        OVERDUE,
        OVER
    }

    /**
     * Returns true if the action ran, and the guest did not run meanwhile. Does nothing to a guest that does not run. An
     * exception of the action is thrown on, after the guest was resumed.
     */
    public boolean during(UUID vm, Duration bound, Runnable action) {
        if (!hypervisor.backups().pause(vm)) {
            return false;
        }
        AtomicReference<State> state = new AtomicReference<>(State.PAUSED);
        CountDownLatch acted = new CountDownLatch(1);
        Thread watch = Thread.ofPlatform().daemon().name("resume-" + vm).start(() -> {
            if (!isOver(acted, bound) && state.compareAndSet(State.PAUSED, State.OVERDUE)) {
                hypervisor.resume(vm);
            }
        });
        try {
            action.run();
        } finally {
            boolean inTime = state.compareAndSet(State.PAUSED, State.OVER);
            acted.countDown();
            if (inTime) {
                hypervisor.resume(vm);
            }
            join(watch);
        }
        return state.get() == State.OVER;
    }

    private static boolean isOver(CountDownLatch acted, Duration bound) {
        try {
            return acted.await(bound.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void join(Thread watch) {
        try {
            watch.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
