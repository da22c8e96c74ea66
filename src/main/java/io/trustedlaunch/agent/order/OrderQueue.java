package io.trustedlaunch.agent.order;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.agent.host.VmQueue;
import io.trustedlaunch.agent.kube.ChangeHandler;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out the orders of one kind for this node: each key has its turn when one of its orders changes. */
public final class OrderQueue<T extends HasMetadata> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OrderQueue.class);

    /** For what needs no slot. */
    private static final int THREADS_BESIDE_SLOTS = 2;

    private final String name;
    private final SharedIndexInformer<T> informer;
    private final Function<T, Optional<UUID>> key;
    private final OrderPass<T, ?> pass;
    private final Duration untilEnded;
    private final Supplier<Set<UUID>> left;
    private final VmQueue queue;

    /**
     * @param informer of all orders of this node; not started
     * @param key orders that have the same are carried out one after the other; empty: another node's
     * @param untilEnded how long a stop waits for what is carried out
     * @param left keys of which an earlier process may have left something, whether an order is there or not
     */
    public OrderQueue(
            String name,
            SharedIndexInformer<T> informer,
            Function<T, Optional<UUID>> key,
            OrderPass<T, ?> pass,
            Duration untilEnded,
            Supplier<Set<UUID>> left) {
        this.name = name;
        this.informer = informer;
        this.key = key;
        this.pass = pass;
        this.untilEnded = untilEnded;
        this.left = left;
        this.queue = new VmQueue(name, pass.slots() + THREADS_BESIDE_SLOTS, this::run);
    }

    public void start() {
        wakeLeft();
        ChangeHandler.start(informer, order -> key.apply(order).ifPresent(queue::wake), this::wakeLeft);
    }

    private void wakeLeft() {
        left.get().forEach(queue::wake);
    }

    /** Returns when nothing is carried out any more, or that takes too long: then the next agent ends it. */
    @Override
    public void close() {
        try {
            if (!pass.stop(untilEnded)) {
                LOG.warn(
                        "{}: an order has not ended within {} s; the next agent ends it", name, untilEnded.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        queue.close();
        informer.stop();
    }

    private Optional<Duration> run(UUID of) {
        return pass.run(of, () -> known(of));
    }

    private Optional<List<T>> known(UUID of) {
        return informer.hasSynced()
                ? Optional.of(informer.getStore().list().stream()
                        .filter(order -> key.apply(order).equals(Optional.of(of)))
                        .sorted(Comparator.comparing(
                                        (T order) -> order.getMetadata().getCreationTimestamp())
                                .thenComparing(order -> order.getMetadata().getName()))
                        .toList())
                : Optional.empty();
    }
}
