package io.trustedlaunch.operator.vm;

import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationStatus.Exit;
import io.trustedlaunch.operator.vm.facts.Incarnation;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Delays the next start of a guest that repeatedly ends soon after it was started. In memory, by this process's
 * monotonic clock: after a restart of the operator, every guest starts without a delay.
 */
final class RestartDelays {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final LongSupplier nanoTime;
    private final Map<String, Course> courses = new HashMap<>();

    RestartDelays(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Called in every pass with the VM's current incarnation.
     *
     * @return how long the next one must still wait
     */
    synchronized Optional<Duration> hold(String vmUid, Incarnation incarnation) {
        Course course = courses.get(vmUid);
        if (course == null || course.epoch != incarnation.epoch()) {
            course = new Course(
                    incarnation.epoch(), nanoTime.getAsLong(), course == null ? 0 : course.shortIncarnations);
            courses.put(vmUid, course);
        }
        boolean endedByHost = incarnation.exit().equals(Optional.of(Exit.HostShutdown));
        if (incarnation.desired() != DesiredState.Running || endedByHost) {
            course.shortIncarnations = 0;
            return Optional.empty();
        }
        if (!incarnation.isOver()) {
            return Optional.empty();
        }
        course.end(nanoTime.getAsLong());
        return course.remaining(nanoTime.getAsLong());
    }

    synchronized void forget(String vmUid) {
        courses.remove(vmUid);
    }

    private static final class Course {
        private final long epoch;
        private final long firstSeen;
        private int shortIncarnations;
        private Long endSeen;

        private Course(long epoch, long firstSeen, int shortIncarnations) {
            this.epoch = epoch;
            this.firstSeen = firstSeen;
            this.shortIncarnations = shortIncarnations;
        }

        private void end(long now) {
            if (endSeen != null) {
                return;
            }
            endSeen = now;
            shortIncarnations = now - firstSeen < LONG.toNanos() ? shortIncarnations + 1 : 0;
        }

        /** The first short incarnation may be a reboot during installation, so the next one is not delayed. */
        private Optional<Duration> remaining(long now) {
            if (shortIncarnations < 2) {
                return Optional.empty();
            }
            long delay = Math.min(LONGEST.toNanos(), FIRST.toNanos() << Math.min(shortIncarnations - 2, 10));
            long left = endSeen + delay - now;
            return left > 0 ? Optional.of(Duration.ofNanos(left)) : Optional.empty();
        }
    }
}
