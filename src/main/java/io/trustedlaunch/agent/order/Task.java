package io.trustedlaunch.agent.order;

import io.trustedlaunch.api.Problem;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An order that is being carried out.
 *
 * @param <T> the order
 */
public interface Task<T> {
    /** With its newest status. */
    T latest();

    /** Why it must end now: nobody wants it any more, or the agent stops. */
    Optional<Problem> brokenOff();

    /**
     * Reports how far it is, seldom. It may be called often.
     *
     * @param total empty while unknown
     */
    void progress(long done, OptionalLong total);

    default void progress(int percent) {
        progress(percent, OptionalLong.of(100));
    }
}
