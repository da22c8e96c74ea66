package io.trustedlaunch.agent.order;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.trustedlaunch.api.Problem;
import java.util.Optional;

/**
 * How the status of one kind of order is read, built and written.
 *
 * @param <T> an order
 * @param <S> its status
 */
public interface OrderStatus<T extends HasMetadata, S> {
    Optional<S> status(T order);

    /** Completed or failed. */
    boolean isFinal(S status);

    /** Percentage that was reported. */
    Optional<Integer> percent(S status);

    S running(int percent);

    /** Something holds it up that passes. */
    S waiting(Problem problem);

    S failure(Problem problem);

    /** For logs. */
    String summary(S status);

    /** Returns the order as the API server has it now. */
    T write(T order, S status);

    default boolean hasEnded(T order) {
        return status(order).filter(this::isFinal).isPresent();
    }
}
