package io.trustedlaunch.agent.run;

import io.fabric8.kubernetes.client.CustomResource;
import io.trustedlaunch.agent.order.OrderKind;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.RunStatus;
import java.util.Optional;

/**
 * Runs as orders: how their status is read and built.
 *
 * @param <T> the kind of run
 * @param <S> its status
 */
public abstract class RunOrders<T extends CustomResource<?, S>, S extends RunStatus> implements OrderKind<T, S> {
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
        return Optional.ofNullable(run.getStatus());
    }

    @Override
    public final boolean isFinal(S status) {
        return RunPhase.of(status) != RunPhase.Running;
    }

    @Override
    public final Optional<Integer> percent(S status) {
        return Optional.ofNullable(status.progressPercent());
    }

    @Override
    public final S running(int percent) {
        return statuses.of(RunPhase.Running, percent, null, null);
    }

    @Override
    public final S waiting(Problem problem) {
        return of(RunPhase.Running, problem);
    }

    @Override
    public final S failure(Problem problem) {
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
