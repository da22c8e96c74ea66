package io.trustedlaunch.fencer.device;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;

/** A management controller did not do as asked, or it is not known whether it did. The message has nothing confidential. */
public final class FenceException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** @param message the fact and the next step */
    public FenceException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Problem problem() {
        return new Problem(reason, getMessage());
    }
}
