package io.trustedlaunch.api;

import java.time.Duration;
import java.time.Instant;

/** What an instant on record says now. Another process may have recorded it, with another clock, and clocks are set. */
public final class RecordedTime {
    /** Clocks that are kept right differ by seconds, and an answer of the API server may be under way for some. */
    public static final Duration TOLERANCE = Duration.ofMinutes(5);

    private RecordedTime() {}

    /** Whether a recorded instant lies ahead, so that a clock was wrong when it was recorded, or is now. */
    public static boolean isFuture(Instant recorded, Instant now) {
        return recorded.isAfter(now.plus(TOLERANCE));
    }

    /**
     * What is left of a pause since a recorded instant; never more than the pause. An instant that lies ahead by no more than
     * the pause and five minutes counts as now. One that lies further ahead is not believed: nothing is left.
     */
    public static Duration left(Duration pause, Instant since, Instant now) {
        Duration ahead = Duration.between(now, since);
        if (ahead.compareTo(shorter(pause, TOLERANCE)) > 0) {
            return Duration.ZERO;
        }
        Duration left = shorter(pause, pause.plus(ahead));
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Whether nothing is {@link #left}. */
    public static boolean isOver(Duration pause, Instant since, Instant now) {
        return left(pause, since, now).isZero();
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
