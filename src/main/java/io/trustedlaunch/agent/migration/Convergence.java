package io.trustedlaunch.agent.migration;

import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.agent.hypervisor.MigrationProgress.MemoryPass;
import java.time.Duration;

/**
 * Whether a guest's memory gets to another host faster than the guest changes it, as it looked after each pass over it. The
 * hypervisor slows the guest down by itself; what is decided here is for how long it may stand still for what is left, step by
 * step, and when it is to stay. Several passes between two looks count as one, so that a fast link is given its time, too.
 *
 * @param limits what may be done
 * @param pass the last that was seen
 * @param left what there was to be sent in it, as far as it was seen
 * @param leastLeft the least that was left after any pass
 * @param vain passes since there was less
 * @param pause that the guest is allowed now
 * @param verdict what the last look says
 */
@RecordBuilder
public record Convergence(
        Limits limits, int pass, long left, long leastLeft, int vain, Duration pause, Verdict verdict) {
    /** What a hypervisor begins with. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(300);

    /** With less than this part of it less, a guest would take forever to come to the end. */
    private static final int PART = 10;

    private static final int MEBI = 20;

    /**
     * What a move may cost.
     *
     * @param longestPause for how long the guest may stand still at most
     * @param passes without progress, before the next step is taken
     */
    public record Limits(Duration longestPause, int passes) {
        public Duration firstPause() {
            return shorter(FIRST_PAUSE, longestPause);
        }
    }

    /** What to do now. */
    public sealed interface Verdict {
        record GoOn() implements Verdict {}

        /** The guest may stand still longer from now on. Said once. */
        record AllowPause(Duration pause) implements Verdict {}

        /** It is to stay. Said from then on. */
        record GiveUp(String why) implements Verdict {}
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

    public Convergence seen(MemoryPass now) {
        if (verdict instanceof Verdict.GiveUp) {
            return this;
        }
        return now.number() <= pass
                ? with(pass, Math.max(left, now.remaining()), leastLeft, vain, pause, new Verdict.GoOn())
                : passed(now);
    }

    /** Only when a pass is over it is known how much there was of it. */
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
                : with(now.number(), now.remaining(), leastNow, vainNow, pause, new Verdict.GiveUp(why(now)));
    }

    private String why(MemoryPass now) {
        return "the guest changes " + (now.changedPerSecond() >> MEBI) + " MiB of its memory a second, and "
                + (now.sentPerSecond() >> MEBI) + " MiB a second get to the other node; after " + pass
                + " passes over it " + (left >> MEBI) + " MiB were left to be sent, the guest held up for "
                + now.throttlePercent() + " % of its time and allowed to stand still for " + pause.toMillis()
                + " ms. Move it when it does less, or allow a longer pause (operator.migrationLongestPauseMilliseconds in the chart's values)";
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
