package io.trustedlaunch.agent.host;

import io.trustedlaunch.api.Reason;

/** The bytes themselves are wrong: nothing of them is of use the next time. */
public final class WrongImageException extends RefusedException {
    private static final long serialVersionUID = 1L;

    public WrongImageException(Reason reason, String message) {
        super(reason, message);
    }
}
