package io.trustedlaunch.agent.order;

import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Long work on a thread of its own, which is broken off when something is the matter.
 *
 * @param interval between looks at what may be the matter
 */
public record SupervisedWork(Duration interval) {
    /** For a thread that hangs in a storage which does not answer: what it still does is not used. */
    private static final Duration UNTIL_ENDED = Duration.ofSeconds(10);

    /**
     * Returns the work's result. Throws a {@link RefusedException} with the problem that ended it; also if that made the work
     * fail before it was found.
     *
     * @param problem why the work must end now
     * @param release lets others go on that wait for the work; called before it has ended
     */
    public <T> T run(String name, Callable<T> work, Supplier<Optional<Problem>> problem, Runnable release)
            throws IOException {
        FutureTask<T> task = new FutureTask<>(work);
        Thread worker = Thread.ofPlatform().daemon().name(name).start(task);
        try {
            while (true) {
                try {
                    return task.get(interval.toMillis(), TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    RefusedException.throwIfPresent(problem.get());
                }
            }
        } catch (InterruptedException e) {
            throw new RefusedException(Reason.AgentRestarted, "the agent was stopped meanwhile", e);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof Error)) {
                RefusedException.throwIfPresent(problem.get());
            }
            throw unwrapped(e.getCause());
        } finally {
            if (!task.isDone()) {
                try {
                    release.run();
                } finally {
                    end(worker);
                }
            }
        }
    }

    private static void end(Thread worker) {
        worker.interrupt();
        try {
            worker.join(UNTIL_ENDED);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static RuntimeException unwrapped(Throwable cause) throws IOException {
        switch (cause) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(cause);
        }
    }
}
