package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Pauses a guest for an action, and resumes it after a bound even if the action still runs. A guest whose agent dies
 * meanwhile stays paused until the next agent resumes it ({@link #endLeft}), so who pauses puts that on record first.
 */
public final class GuestPause {
    private final Hypervisor hypervisor;
    private final Set<UUID> paused = ConcurrentHashMap.newKeySet();

    private enum State {
        PAUSED,
        OVERDUE,
        OVER
    }

    public GuestPause(Hypervisor hypervisor) {
        this.hypervisor = hypervisor;
    }

    /** Whether the VM's guest is paused by this for a moment, so that its state says nothing else. */
    public boolean isPaused(UUID vm) {
        return paused.contains(vm);
    }

    /**
     * Returns true if the action ran, and the guest did not run meanwhile. Does nothing to a guest that does not run. An
     * exception of the action is thrown on, after the guest was resumed.
     */
    public boolean during(UUID vm, Duration bound, Runnable action) {
        paused.add(vm);
        try {
            return hypervisor.backups().pause(vm) && isActedWithin(vm, bound, action);
        } finally {
            paused.remove(vm);
        }
    }

    private boolean isActedWithin(UUID vm, Duration bound, Runnable action) {
        AtomicReference<State> state = new AtomicReference<>(State.PAUSED);
        CountDownLatch acted = new CountDownLatch(1);
        Thread watch = Thread.ofPlatform().daemon().name("resume-" + vm).start(() -> {
            if (!isOver(acted, bound) && state.compareAndSet(State.PAUSED, State.OVERDUE)) {
                resume(vm);
            }
        });
        try {
            action.run();
        } finally {
            boolean inTime = state.compareAndSet(State.PAUSED, State.OVER);
            acted.countDown();
            if (inTime) {
                resume(vm);
            }
            join(watch);
        }
        return state.get() == State.OVER;
    }

    /** Lets a guest go on that an agent which has died had paused by this. What somebody else paused since then looks alike. */
    public static void endLeft(Hypervisor hypervisor, UUID vm, long epoch) {
        hypervisor
                .find(vm)
                .filter(domain -> domain.epoch() == epoch)
                .filter(domain -> domain.state().equals(new DomainState.Paused(PauseReason.REQUESTED)))
                .ifPresent(domain -> hypervisor.resume(vm));
    }

    /** The action may still run. */
    private void resume(UUID vm) {
        try {
            hypervisor.resume(vm);
        } finally {
            paused.remove(vm);
        }
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
