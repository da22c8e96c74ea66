package io.trustedlaunch.controller;

/** An object has changed since the decision about it was made: reconcile again. */
public class StaleViewException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StaleViewException(String message) {
        super(message);
    }
}
