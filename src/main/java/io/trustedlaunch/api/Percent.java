package io.trustedlaunch.api;

/** How much of something is done, as a node reports it. */
public final class Percent {
    static final int WHOLE = 100;
    static final int QUARTER = 25;

    private Percent() {}

    /** @param reported null: nothing is reported */
    public static Integer bounded(Integer reported) {
        return reported == null ? null : Math.clamp(reported, 0, WHOLE);
    }
}
