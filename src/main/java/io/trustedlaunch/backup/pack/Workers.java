package io.trustedlaunch.backup.pack;

import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Threads that work for one that waits for them. */
final class Workers {
    private Workers() {}

    /** The result of one. What it threw is thrown on, as it is. */
    static <T> T get(Future<T> one) throws IOException {
        try {
            return one.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    /** Interrupts those that are left, and returns when all have ended: what they use can be closed then, or removed. */
    static void end(ExecutorService threads) {
        threads.shutdownNow();
        threads.close();
    }

    /** Closes all, also after a failure, which is thrown then. */
    static void close(Collection<? extends AutoCloseable> all) throws IOException {
        IOException failure = null;
        for (AutoCloseable one : all) {
            try {
                one.close();
            } catch (Exception e) {
                IOException failed = e instanceof IOException known ? known : new IOException(e);
                if (failure == null) {
                    failure = failed;
                } else {
                    failure.addSuppressed(failed);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
