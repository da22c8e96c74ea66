package io.trustedlaunch.agent.migration;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.hypervisor.MigrationProgress.MemoryPass;
import java.time.Duration;

/**
 * Whether a guest's memory is sent faster than the guest changes it, judged after each pass over it. The hypervisor
 * throttles the guest by itself; this class decides how long the final pause may be, step by step, and when to give up.
 * Several passes between two observations count as one, so that a fast link is not given up too early.
 *
 * @param limits the cost that is acceptable
 * @param pass the last one observed
 * @param left the most bytes observed to be left in it
 * @param leastLeft the fewest bytes left after any pass
 * @param vain passes since the last progress
 * @param pause the pause allowed now
 * @param verdict after the last observation
 */
@RecordBuilder
public record Convergence(
        Limits limits, int pass, long left, long leastLeft, int vain, Duration pause, Verdict verdict) {
    /** The hypervisor's default. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(300);

    /** A smaller share of progress than one in ten would take too long. */
    private static final int PART = 10;

    private static final int MEBI = 20;

    /**
     * The cost that is acceptable for a migration.
     *
     * @param longestPause of the guest
     * @param passes without progress before the next step
     */
    public record Limits(Duration longestPause, int passes) {
        public Duration firstPause() {
            return shorter(FIRST_PAUSE, longestPause);
        }
    }

    /** The next action of the migration. */
    public sealed interface Verdict {
        record GoOn() implements Verdict {}

        /** Allow the guest a longer pause from now on. Returned once. */
        record AllowPause(Duration pause) implements Verdict {}

        /** Cancel the migration. Returned from then on. */
        record GiveUp(String message) implements Verdict {}
    }

    public static Convergence begin(Limits limits) {
        return ConvergenceBuilder.builder()
                .limits(limits)
                .pass(0)
                .left(0)
                .leastLeft(Long.MAX_VALUE)
                .vain(0)
                .pause(limits.firstPause())
                .verdict(new Verdict.GoOn())
                .build();
    }

    public Convergence observed(MemoryPass now) {
        if (verdict instanceof Verdict.GiveUp) {
            return this;
        }
        return now.number() <= pass
                ? with(pass, Math.max(left, now.remaining()), leastLeft, vain, pause, new Verdict.GoOn())
                : passed(now);
    }

    /** The size of a pass is known only when the next one begins. */
    private Convergence passed(MemoryPass now) {
        boolean progress = left < leastLeft - leastLeft / PART;
        int vainNow = progress || pass == 0 ? 0 : vain + 1;
        long leastNow = pass == 0 ? leastLeft : Math.min(leastLeft, left);
        if (vainNow < limits.passes()) {
            return with(now.number(), now.remaining(), leastNow, vainNow, pause, new Verdict.GoOn());
        }
        Duration longer = shorter(pause.multipliedBy(2), limits.longestPause());
        return longer.compareTo(pause) > 0
                ? with(now.number(), now.remaining(), leastNow, 0, longer, new Verdict.AllowPause(longer))
                : with(now.number(), now.remaining(), leastNow, vainNow, pause, new Verdict.GiveUp(message(now)));
    }

    private String message(MemoryPass now) {
        return "the guest changes " + (now.changedPerSecond() >> MEBI) + " MiB of its memory per second, but only "
                + (now.sentPerSecond() >> MEBI) + " MiB per second reach the target node; after " + pass
                + " passes " + (left >> MEBI) + " MiB were left to send, with the guest throttled by "
                + now.throttlePercent() + " % and a pause of " + pause.toMillis()
                + " ms allowed. Migrate it when it is less busy, or allow a longer pause (operator.migrationLongestPauseMilliseconds in the chart's values)";
    }

    private Convergence with(int number, long remaining, long least, int inVain, Duration allowed, Verdict says) {
        return ConvergenceBuilder.builder()
                .limits(limits)
                .pass(number)
                .left(remaining)
                .leastLeft(least)
                .vain(inVain)
                .pause(allowed)
                .verdict(says)
                .build();
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
