package io.trustedlaunch.agent.order;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;

/** The orders under one key, as they are known when it is asked. */
@FunctionalInterface
public interface KnownOrders<T extends HasMetadata> {
    /** The oldest first; empty: not known yet. */
    Optional<List<T>> now();

    /** Whether the order is still to be carried out; also while nothing is known. */
    default boolean wants(T order) {
        return now().map(orders -> orders.stream()
                        .filter(found -> uid(found).equals(uid(order)))
                        .anyMatch(found -> !found.isMarkedForDeletion()))
                .orElse(true);
    }

    private static String uid(HasMetadata order) {
        return order.getMetadata().getUid();
    }
}
