package io.trustedlaunch.operator.kube;

/** What a decision was made from is no longer so: stop, and look again. */
public final class StaleViewException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StaleViewException(String message) {
        super(message);
    }
}
