package io.trustedlaunch.operator.vm;

/**
 * A call to the API server that serves everyone who asked for it before it began: many starts at once need one read of the
 * Lease and one write, not one each, one after the other.
 */
final class SharedCall {
    private final Runnable call;
    private long begun;
    private long done;
    private boolean isUnderway;

    SharedCall(Runnable call) {
        this.call = call;
    }

    /** Returns once a call has succeeded that began after this one was asked for; throws what that call throws. */
    void run() {
        if (isServedByAnother()) {
            return;
        }
        boolean succeeded = false;
        try {
            call.run();
            succeeded = true;
        } finally {
            end(succeeded);
        }
    }

    /** Waits for it; false if it is for this thread to make the call. */
    private synchronized boolean isServedByAnother() {
        long needed = begun + 1;
        boolean interrupted = false;
        while (isUnderway && done < needed) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (done >= needed) {
            return true;
        }
        isUnderway = true;
        begun++;
        return false;
    }

    private synchronized void end(boolean succeeded) {
        isUnderway = false;
        if (succeeded) {
            done = begun;
        }
        notifyAll();
    }
}
