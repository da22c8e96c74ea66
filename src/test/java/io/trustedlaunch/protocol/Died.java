package io.trustedlaunch.protocol;

/** A process has died; an Error, so that no handler of the product catches it. */
final class Died extends Error {
    private static final long serialVersionUID = 1L;

    Died(String where) {
        super(where, null, false, false);
    }
}
