package io.trustedlaunch.agent.host;

import io.trustedlaunch.api.Reason;

/** The image's bytes are wrong: a download of them must not be resumed. */
public final class WrongImageException extends RefusedException {
    private static final long serialVersionUID = 1L;

    public WrongImageException(Reason reason, String message) {
        super(reason, message);
    }
}
