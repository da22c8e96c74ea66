package io.trustedlaunch.agent.order;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.trustedlaunch.api.Problem;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How the status of one kind of order is read, built and written.
 *
 * @param <T> an order
 * @param <S> its status
 */
public interface OrderStatus<T extends HasMetadata, S> {
    Optional<S> status(T order);

    /** Nothing follows it. */
    boolean isFinal(S status);

    /**
     * Empty if it is not worth a report.
     *
     * @param latest with what was reported last
     * @param total empty while unknown
     */
    Optional<S> running(T latest, long done, OptionalLong total);

    /** Something holds it up that passes. */
    S waiting(T latest, Problem problem);

    /** For logs. */
    String summary(S status);

    /** Returns the order as the API server has it now. */
    T write(T order, S status);

    default boolean hasEnded(T order) {
        return status(order).filter(this::isFinal).isPresent();
    }
}
