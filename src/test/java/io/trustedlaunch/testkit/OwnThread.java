package io.trustedlaunch.testkit;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Work that goes on beside a test. Not in the common pool: on two processors that has one thread, and the answers of the API server
 * pass through it.
 */
public final class OwnThread {
    private static final Executor EACH = task -> Thread.ofPlatform().daemon().start(task);

    private OwnThread() {}

    public static <T> CompletableFuture<T> supply(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, EACH);
    }

    public static CompletableFuture<Void> run(Runnable work) {
        return CompletableFuture.runAsync(work, EACH);
    }
}
