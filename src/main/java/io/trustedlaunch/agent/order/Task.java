package io.trustedlaunch.agent.order;

import io.trustedlaunch.api.Problem;
import java.util.Optional;

/** An order that is being carried out. */
public interface Task {
    /** Why it must end now: nobody wants it any more, or the agent stops. */
    Optional<Problem> brokenOff();

    /** Reports a percentage, seldom. It may be called often. */
    void progress(int percent);
}
