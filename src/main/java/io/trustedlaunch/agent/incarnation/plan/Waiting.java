package io.trustedlaunch.agent.incarnation.plan;

import io.trustedlaunch.api.Problem;
import java.time.Duration;
import java.util.Optional;

/**
 * Something must come first, and does by itself.
 *
 * @param delay until it is looked for again
 * @param problem to report; empty: none yet
 * @param withdraws a problem that was reported before no longer hinders it
 */
public record Waiting(Duration delay, Optional<Problem> problem, boolean withdraws) {}
