package io.trustedlaunch.agent.order;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the orders under one key as far as they go now, one after the other. Never runs twice at once for a key.
 *
 * @param <T> an order
 * @param <S> its status
 */
public final class OrderPass<T extends HasMetadata, S> {
    private static final Logger LOG = LoggerFactory.getLogger(OrderPass.class);

    private static final Duration UNTIL_A_SLOT_IS_FREE = Duration.ofSeconds(2);
    private static final Duration UNTIL_SYNCED = Duration.ofSeconds(1);

    private static final Problem STOPPING =
            new Problem(Reason.AgentRestarted, "the agent was stopped before it was complete");
    private static final Problem NOT_WANTED =
            new Problem(Reason.BackupCancelled, "it was deleted before it was complete");

    private final OrderKind<T, S> kind;
    private final Faults faults;
    private final Slots slots;
    private final OrderReporter<T, S> reporter;
    private volatile boolean stopping;

    /** @param slots of orders that need one */
    public OrderPass(OrderKind<T, S> kind, Faults faults, Slots slots, InstantSource clock) {
        this.kind = kind;
        this.faults = faults;
        this.slots = slots;
        this.reporter = new OrderReporter<>(kind, clock);
    }

    /**
     * Breaks off what is carried out, and begins nothing more. Without interrupting a thread: an interrupt may reach it late, in the
     * middle of what it does to end the order. Returns false if something has not ended in time.
     */
    public boolean stop(Duration timeout) throws InterruptedException {
        stopping = true;
        return slots.close(timeout);
    }

    /** How many orders are carried out at a time. */
    int slots() {
        return slots.inAll();
    }

    /** Returns the time until the next pass; empty: at the next change. */
    public Optional<Duration> run(UUID key, KnownOrders<T> known) {
        try {
            kind.before(key, known);
            Optional<List<T>> orders = known.now();
            if (orders.isEmpty()) {
                return Optional.of(UNTIL_SYNCED);
            }
            for (T order : orders.get()) {
                Optional<Duration> again = kind.isKeptUntilRemoved() || known.wants(order)
                        ? turn(reporter.latest(order), known)
                        : Optional.empty();
                if (again.isPresent()) {
                    return again;
                }
            }
            return kind.after(key);
        } catch (KubernetesClientException e) {
            LOG.warn("{}: the API server did not accept a status: {}", key, e.getMessage());
        } catch (HypervisorException | UncheckedIOException | IOException e) {
            LOG.warn("{}: an order is not ended yet, and tried again: {}", key, e.getMessage());
        }
        return Optional.of(LaterException.AFTER_A_FAILURE);
    }

    private Optional<Duration> turn(T order, KnownOrders<T> known) throws IOException {
        if (kind.isOver(order)) {
            kind.forget(order);
            return Optional.empty();
        }
        if (!kind.needsSlot(order)) {
            return carryOut(order, known);
        }
        if (kind.awaits(order)) {
            return Optional.empty();
        }
        Optional<Duration> delay = kind.delay(order);
        if (delay.isPresent()) {
            return delay;
        }
        Optional<Slots.Slot> slot = slots.take(kind.place(order));
        if (slot.isEmpty()) {
            return Optional.of(UNTIL_A_SLOT_IS_FREE);
        }
        try (Slots.Slot held = slot.get()) {
            return carryOut(order, known);
        }
    }

    private Optional<Duration> carryOut(T order, KnownOrders<T> known) throws IOException {
        Carried task = new Carried(order, known);
        try {
            try {
                end(order, kind.carryOut(order, task));
            } catch (LaterException | KubernetesClientException e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                failed(order, e, task);
            }
            return Optional.empty();
        } catch (LaterException e) {
            LOG.warn("{}: it is tried again: {}", kind.describe(order), e.getMessage());
            reporter.reportQuietly(order, kind.waiting(reporter.latest(order), e.problem()));
            return Optional.of(e.delay());
        }
    }

    private void failed(T order, Exception cause, Task<T> task) throws IOException {
        Problem problem = faults.of(cause, LOG, name(order));
        boolean brokenOff =
                problem.reason() == Reason.AgentRestarted || task.brokenOff().isPresent();
        Optional<S> status = kind.failed(order, problem, cause, brokenOff);
        if (status.isPresent()) {
            end(order, status.get());
        }
    }

    private void end(T order, S status) throws IOException {
        if (!kind.status(reporter.latest(order)).equals(Optional.of(status))) {
            LOG.info("{}: {}", kind.describe(order), kind.summary(status));
        }
        reporter.report(order, status);
        kind.forget(order);
    }

    private static String name(HasMetadata order) {
        return order.getMetadata().getName();
    }

    private final class Carried implements Task<T> {
        private final T order;
        private final KnownOrders<T> known;

        private Carried(T order, KnownOrders<T> known) {
            this.order = order;
            this.known = known;
        }

        @Override
        public Optional<Problem> brokenOff() {
            if (stopping) {
                return Optional.of(STOPPING);
            }
            boolean isRemoval = kind.isKeptUntilRemoved() && order.isMarkedForDeletion();
            return isRemoval || known.wants(order) ? Optional.empty() : Optional.of(NOT_WANTED);
        }

        @Override
        public T latest() {
            return reporter.latest(order);
        }

        @Override
        public void progress(long done, OptionalLong total) {
            reporter.progress(order, done, total);
        }
    }
}
