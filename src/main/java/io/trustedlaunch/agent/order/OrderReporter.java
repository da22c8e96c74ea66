package io.trustedlaunch.agent.order;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.kube.OwnWrites;
import io.trustedlaunch.api.RecordedTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports the status of orders. A final one is never changed, and progress is reported every ten seconds at most. */
final class OrderReporter<T extends HasMetadata, S> {
    private static final Logger LOG = LoggerFactory.getLogger(OrderReporter.class);

    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final OrderStatus<T, S> statuses;
    private final InstantSource clock;
    private final OwnWrites<T> written = new OwnWrites<>();

    /** By UID, when progress was last reported. */
    private final Map<String, Instant> reported = new ConcurrentHashMap<>();

    OrderReporter(OrderStatus<T, S> statuses, InstantSource clock) {
        this.statuses = statuses;
        this.clock = clock;
    }

    /** With its newest status. */
    T latest(T order) {
        return written.latest(order);
    }

    /** The work goes on without an API server. */
    void progress(T order, long done, OptionalLong total) {
        Instant now = clock.instant();
        Optional<Instant> before = Optional.ofNullable(reported.get(uid(order)));
        if (before.filter(at -> !RecordedTime.isOver(INTERVAL, at, now)).isEmpty()) {
            statuses.running(latest(order), done, total).ifPresent(status -> {
                reported.put(uid(order), now);
                reportQuietly(order, status);
            });
        }
    }

    void reportQuietly(T order, S status) {
        try {
            report(order, status);
        } catch (KubernetesClientException e) {
            LOG.warn("{}: its progress is not reported: {}", order.getMetadata().getName(), e.getMessage());
        }
    }

    /** Returns when the API server has it. */
    void report(T order, S status) {
        T latest = latest(order);
        Optional<S> known = statuses.status(latest);
        if (known.filter(statuses::isFinal).isEmpty() && !known.equals(Optional.of(status))) {
            written.wrote(latest, statuses.write(latest, status));
        }
        if (statuses.isFinal(status)) {
            reported.remove(uid(order));
        }
    }

    private static String uid(HasMetadata order) {
        return order.getMetadata().getUid();
    }
}
