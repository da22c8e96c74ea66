package io.trustedlaunch.agent.run;

import io.trustedlaunch.agent.order.OrderKind;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.api.ApiResource;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.RunStatus;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Runs as orders: how their status is read and built.
 *
 * @param <T> the kind of run
 * @param <S> its status
 */
public abstract class RunOrders<T extends ApiResource<?, S>, S extends RunStatus> implements OrderKind<T, S> {
    /** Few writes, each of which the operator repeats elsewhere. */
    private static final int STEP_PERCENT = 25;

    private final Statuses<S> statuses;
    private final StatusWriter<T, S> writer;

    /** Builds a status. */
    @FunctionalInterface
    public interface Statuses<S> {
        S of(RunPhase phase, Integer progressPercent, String reason, String message);
    }

    protected RunOrders(Statuses<S> statuses, StatusWriter<T, S> writer) {
        this.statuses = statuses;
        this.writer = writer;
    }

    @Override
    public final Optional<S> status(T run) {
        return run.status();
    }

    @Override
    public final boolean isFinal(S status) {
        return RunPhase.of(status) != RunPhase.Running;
    }

    /** In quarters; what a run is done of is a percentage. */
    @Override
    public final Optional<S> running(T latest, long done, OptionalLong total) {
        int step = (int) done / STEP_PERCENT * STEP_PERCENT;
        return status(latest)
                        .map(RunStatus::progressPercent)
                        .filter(before -> before >= step)
                        .isPresent()
                ? Optional.empty()
                : Optional.of(statuses.of(RunPhase.Running, step, null, null));
    }

    @Override
    public final S waiting(T latest, Problem problem) {
        return of(RunPhase.Running, problem);
    }

    @Override
    public Optional<S> failed(T run, Problem problem, Exception cause, boolean brokenOff) throws IOException {
        return brokenOff ? Optional.empty() : Optional.of(failure(problem));
    }

    protected final S failure(Problem problem) {
        return of(RunPhase.Failed, problem);
    }

    private S of(RunPhase phase, Problem problem) {
        return statuses.of(phase, null, problem.reason().name(), problem.message());
    }

    @Override
    public final String summary(S status) {
        return status.message() == null ? status.phase().name() : status.phase() + ": " + status.message();
    }

    @Override
    public final T write(T run, S status) {
        return writer.write(run, status);
    }
}
