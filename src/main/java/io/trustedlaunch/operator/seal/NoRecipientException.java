package io.trustedlaunch.operator.seal;

import io.trustedlaunch.controller.StaleViewException;

/** Nothing can be sealed to a node now; it says why. Where it was decided with a node that had a certificate: look again. */
public final class NoRecipientException extends StaleViewException {
    private static final long serialVersionUID = 1L;

    NoRecipientException(String message) {
        super(message);
    }
}
