package io.trustedlaunch.agent.order;

import io.trustedlaunch.api.Problem;

/** The cause of the delay passes by itself: it is reported, and the order is tried again. */
public final class LaterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public LaterException(Problem problem) {
        super(problem.message());
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
