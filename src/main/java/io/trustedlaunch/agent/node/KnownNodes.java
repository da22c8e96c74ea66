package io.trustedlaunch.agent.node;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.ClusterNodeStatus;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of the cluster's nodes. They are read when an unknown address asks, at most once a minute: a watch in
 * every agent would multiply each node's status by the number of nodes.
 */
public final class KnownNodes {
    private static final Logger LOG = LoggerFactory.getLogger(KnownNodes.class);
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private final Supplier<Stream<String>> lookUp;
    private final LongSupplier nanoTime;
    private final Executor background;
    private volatile Set<InetAddress> known = Set.of();
    private long lastLookUp;
    private boolean lookedUp;

    public KnownNodes(KubernetesClient client, LongSupplier nanoTime) {
        this(() -> addresses(client), nanoTime, Thread.ofVirtual().name("known-nodes")::start);
    }

    /** @param lookUp addresses or names, read in the background */
    KnownNodes(Supplier<Stream<String>> lookUp, LongSupplier nanoTime, Executor background) {
        this.lookUp = lookUp;
        this.nanoTime = nanoTime;
        this.background = background;
    }

    /** Returns at once. A node that has joined since the last look is found by the next call. */
    public boolean isKnown(InetAddress address) {
        if (known.contains(address)) {
            return true;
        }
        if (isDue()) {
            background.execute(this::read);
        }
        return known.contains(address);
    }

    private synchronized boolean isDue() {
        long now = nanoTime.getAsLong();
        boolean due = !lookedUp || now - lastLookUp > INTERVAL.toNanos();
        if (due) {
            lookedUp = true;
            lastLookUp = now;
        }
        return due;
    }

    private void read() {
        try {
            Set<InetAddress> found = new HashSet<>();
            lookUp.get().forEach(name -> add(name, found));
            known = Set.copyOf(found);
        } catch (RuntimeException e) {
            // The last ones stay known while the API server is away.
            LOG.warn("Cannot list the addresses of the other nodes: {}", e.getMessage());
        }
    }

    private static void add(String name, Set<InetAddress> found) {
        try {
            found.add(InetAddress.getByName(name));
        } catch (UnknownHostException e) {
            LOG.warn("Cannot resolve address {} of a node", name);
        }
    }

    /** Reads the API server's cache. */
    private static Stream<String> addresses(KubernetesClient client) {
        return client
                .resources(ClusterNode.class)
                .list(new ListOptionsBuilder().withResourceVersion("0").build())
                .getItems()
                .stream()
                .map(ClusterNode::getStatus)
                .filter(Objects::nonNull)
                .map(ClusterNodeStatus::address)
                .filter(Objects::nonNull);
    }
}
