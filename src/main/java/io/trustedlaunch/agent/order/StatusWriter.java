package io.trustedlaunch.agent.order;

/**
 * Writes the status of one kind of order.
 *
 * @param <T> an order
 * @param <S> its status
 */
@FunctionalInterface
public interface StatusWriter<T, S> {
    /** Returns the order as the API server has it now. */
    T write(T order, S status);
}
