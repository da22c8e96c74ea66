package io.trustedlaunch.agent.gueststate;

import java.io.IOException;

/** The guest is writing the working copy at this moment: no fault, unless it never ends. */
final class UnsettledCopyException extends IOException {
    private static final long serialVersionUID = 1L;

    UnsettledCopyException(String message) {
        super(message);
    }
}
