package io.trustedlaunch.protocol;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * The true time, which moves only when a test says so; the clocks of hosts and operators, which may differ from it; and what
 * programs do by themselves as time passes.
 */
final class VirtualClock implements InstantSource {
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final Map<String, LocalClock> clocks = new HashMap<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparing(Timer::due).thenComparing(Timer::number));
    private Duration passed = Duration.ZERO;
    private int timersMade;

    @Override
    public Instant instant() {
        return START.plus(passed);
    }

    long nanoTime() {
        return passed.toNanos();
    }

    /** Timers that are due act in their order, each at its time. One of them may let time pass itself. */
    void pass(Duration time) {
        Duration end = passed.plus(time);
        for (Timer next = timers.peek(); next != null && next.due.compareTo(end) <= 0; next = timers.peek()) {
            timers.remove(next);
            passed = later(passed, next.due);
            next.due = passed.plus(next.interval);
            timers.add(next);
            next.act.run();
        }
        passed = later(passed, end);
    }

    private static Duration later(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** From now on, first after one interval. */
    Timer every(Duration interval, Runnable act) {
        Timer timer = new Timer(++timersMade, interval, passed.plus(interval), act);
        timers.add(timer);
        return timer;
    }

    /** Of a host, or of an operator's process; right until it is stepped. */
    LocalClock of(String name) {
        return clocks.computeIfAbsent(name, one -> new LocalClock(this));
    }

    /** What a program does again and again. */
    final class Timer {
        private final int number;
        private final Duration interval;
        private final Runnable act;
        private Duration due;

        private Timer(int number, Duration interval, Duration due, Runnable act) {
            this.number = number;
            this.interval = interval;
            this.due = due;
            this.act = act;
        }

        private int number() {
            return number;
        }

        private Duration due() {
            return due;
        }

        void cancel() {
            timers.remove(this);
        }
    }
}
