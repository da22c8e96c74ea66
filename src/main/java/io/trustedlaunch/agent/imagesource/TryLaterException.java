package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.api.Reason;
import java.time.Duration;
import java.util.Optional;

/** The source failed for a possibly temporary reason. The message is for users and has nothing confidential. */
public final class TryLaterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Optional<Duration> retryAfter;
    private final boolean madeProgress;

    TryLaterException(String message, Throwable cause) {
        this(message, Optional.empty(), false, cause);
    }

    TryLaterException(String message, Optional<Duration> retryAfter) {
        this(message, retryAfter, false, null);
    }

    private TryLaterException(String message, Optional<Duration> retryAfter, boolean madeProgress, Throwable cause) {
        super(message, cause);
        this.retryAfter = retryAfter;
        this.madeProgress = madeProgress;
    }

    TryLaterException withProgress() {
        return new TryLaterException(getMessage(), retryAfter, true, this);
    }

    public Reason reason() {
        return Reason.ImageSourceUnreachable;
    }

    /** The delay that the source asked for. */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }

    /** Whether new bytes were received, so that the delay need not grow. */
    public boolean madeProgress() {
        return madeProgress;
    }
}
