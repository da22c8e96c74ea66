package io.trustedlaunch.agent.gueststate;

import java.io.IOException;

/** The guest is writing the working copy now: a fault only if it does not end. */
final class UnsettledWorkingCopyException extends IOException {
    private static final long serialVersionUID = 1L;

    UnsettledWorkingCopyException(String message) {
        super(message);
    }
}
