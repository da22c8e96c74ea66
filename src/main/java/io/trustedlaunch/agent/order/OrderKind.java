package io.trustedlaunch.agent.order;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.trustedlaunch.api.Problem;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * The part of an order that differs by kind. Never called twice at once for one key.
 *
 * @param <T> an order
 * @param <S> its status
 */
public interface OrderKind<T extends HasMetadata, S> extends OrderStatus<T, S> {
    /** For logs: what is done for whom. */
    String describe(T order);

    /** Ends what orders have left that are there no more. Also called while nothing is known of orders. */
    default void before(UUID key, KnownOrders<T> known) throws IOException {}

    /** Returns when to look again, if no order changes before. */
    default Optional<Duration> after(UUID key) {
        return Optional.empty();
    }

    /** Whether there is nothing to be done for it. */
    default boolean isOver(T order) {
        return hasEnded(order);
    }

    /** Whether it takes processor time, disk or network of guests, and so waits for its turn. */
    default boolean needsSlot(T order) {
        return true;
    }

    /** Whether one that is marked for deletion is carried out as well: it stays until what it has made is removed. */
    default boolean isKeptUntilRemoved() {
        return false;
    }

    /** How long it waits still, after a failure, before it takes a slot; empty: no longer. */
    default Optional<Duration> delay(T order) {
        return Optional.empty();
    }

    /** The server or folder with which it works. */
    String place(T order);

    /** Whether something is still to come that wakes the order, such as what the operator seals. */
    default boolean awaits(T order) {
        return false;
    }

    /**
     * Returns its status. With one that is not final it is carried out again, when {@link #after} says.
     *
     * @throws LaterException if what holds it up passes by itself
     */
    S carryOut(T order, Task<T> task) throws IOException;

    /**
     * Returns the final status of an order that failed; empty if it is begun anew, by this process or the next one.
     *
     * @param problem what {@code cause} means
     * @param brokenOff whether the order is no longer wanted, or the agent stops
     * @throws LaterException if it is not over yet
     */
    Optional<S> failed(T order, Problem problem, Exception cause, boolean brokenOff) throws IOException;

    /** Its end is on record: nothing needs to be remembered of it. May be called again. */
    default void forget(T order) throws IOException {}
}
