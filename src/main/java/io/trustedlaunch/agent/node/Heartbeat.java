package io.trustedlaunch.agent.node;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.kube.AgentWriter;
import io.trustedlaunch.process.Liveness;
import io.trustedlaunch.process.PeriodicTasks;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Renews the node's Lease on a thread of its own. A lost Lease stops nothing on this node. */
public final class Heartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration LEASE = Duration.ofSeconds(40);

    private final AgentWriter writer;
    private final String bootID;
    private final InstantSource clock;
    private final Liveness liveness;
    private final Runnable failed;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("heartbeat").factory());
    private boolean failing;
    private volatile Optional<String> problem = Optional.of("the node's Lease is not renewed yet");

    /** @param failed called after each renewal that failed */
    public Heartbeat(AgentWriter writer, String bootID, InstantSource clock, Liveness liveness, Runnable failed) {
        this.writer = writer;
        this.bootID = bootID;
        this.clock = clock;
        this.liveness = liveness;
        this.failed = failed;
    }

    public void start() {
        PeriodicTasks.start(thread, Duration.ZERO, INTERVAL, liveness.watched("heartbeat", this::beat));
    }

    /** Why the node's Lease is not being renewed; empty: it is. */
    public Optional<String> problem() {
        return problem;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private void beat() {
        try {
            writer.renewLease(bootID, clock.instant().atZone(ZoneOffset.UTC), LEASE);
            if (failing) {
                LOG.info("The node's Lease is being renewed again");
            }
            failing = false;
            problem = Optional.empty();
        } catch (KubernetesClientException e) {
            if (!failing) {
                LOG.warn("Cannot renew the node's Lease: {}", e.getMessage());
            }
            failing = true;
            problem = Optional.of("the node's Lease cannot be renewed: " + e.getMessage());
            failed.run();
        }
    }
}
