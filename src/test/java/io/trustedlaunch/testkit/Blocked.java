package io.trustedlaunch.testkit;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A thread in a call that does not return. */
public final class Blocked {
    private Blocked() {}

    /** Returns once its thread is interrupted, and leaves it so. Throws AssertionError if nobody does that. */
    public static void untilInterrupted() {
        try {
            boolean released = new CountDownLatch(1).await(1, TimeUnit.MINUTES);
            throw new AssertionError("released: " + released + "; nobody interrupted it");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
