package io.trustedlaunch.agent.order;

import io.trustedlaunch.api.Problem;
import java.time.Duration;

/** The cause of the delay passes by itself: it is reported, and the order is tried again. */
public final class LaterException extends RuntimeException {
    static final Duration AFTER_A_FAILURE = Duration.ofSeconds(10);

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;
    private final Duration delay;

    public LaterException(Problem problem) {
        this(problem, AFTER_A_FAILURE);
    }

    /** @param delay until the next pass */
    public LaterException(Problem problem, Duration delay) {
        super(problem.message());
        this.problem = problem;
        this.delay = delay;
    }

    public Problem problem() {
        return problem;
    }

    public Duration delay() {
        return delay;
    }
}
