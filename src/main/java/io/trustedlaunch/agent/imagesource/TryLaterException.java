package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.api.Reason;
import java.time.Duration;
import java.util.Optional;

/** The source could not bring the image this time. The message is for people, and has nothing confidential. */
public final class TryLaterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Optional<Duration> retryAfter;
    private final boolean cameFurther;

    TryLaterException(String message, Throwable cause) {
        this(message, Optional.empty(), false, cause);
    }

    TryLaterException(String message, Optional<Duration> retryAfter) {
        this(message, retryAfter, false, null);
    }

    private TryLaterException(String message, Optional<Duration> retryAfter, boolean cameFurther, Throwable cause) {
        super(message, cause);
        this.retryAfter = retryAfter;
        this.cameFurther = cameFurther;
    }

    TryLaterException havingComeFurther() {
        return new TryLaterException(getMessage(), retryAfter, true, this);
    }

    public Reason reason() {
        return Reason.ImageSourceUnreachable;
    }

    /** What the source asked for. */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }

    /** There are bytes now that were not there before: the next time need not be later than the last. */
    public boolean cameFurther() {
        return cameFurther;
    }
}
