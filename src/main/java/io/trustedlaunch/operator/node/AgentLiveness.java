package io.trustedlaunch.operator.node;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * Tells which agents are alive: those whose Lease changed lately, by this process's own monotonic clock. What the Leases
 * say of time is not read, since it is another machine's.
 */
public final class AgentLiveness {
    /** Agents renew every ten seconds; three renewals may be lost. */
    static final Duration PATIENCE = Duration.ofSeconds(40);

    private static final String PREFIX = "node-";

    private final LongSupplier nanoTime;
    private final Map<String, Sight> sights = new HashMap<>();
    private Set<String> toldAlive = Set.of();

    public AgentLiveness(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** A Lease was seen. Seen for the first time, it counts as changed: nothing is known against its agent. */
    public synchronized void seen(String lease, String resourceVersion) {
        if (!lease.startsWith(PREFIX)) {
            return;
        }
        String node = lease.substring(PREFIX.length());
        Sight known = sights.get(node);
        if (known == null || !known.resourceVersion().equals(resourceVersion)) {
            long now = nanoTime.getAsLong();
            boolean unbroken = known != null && now - known.atNanos() < PATIENCE.toNanos();
            sights.put(node, new Sight(resourceVersion, now, unbroken ? known.sinceNanos() : now));
        }
    }

    public synchronized void gone(String lease) {
        if (lease.startsWith(PREFIX)) {
            sights.remove(lease.substring(PREFIX.length()));
        }
    }

    public synchronized boolean isAlive(String node) {
        Sight sight = sights.get(node);
        return sight != null && nanoTime.getAsLong() - sight.atNanos() < PATIENCE.toNanos();
    }

    /** Whether the agent is alive and has been for that long, as far as this process has seen. */
    public synchronized boolean isAliveSince(String node, Duration ago) {
        return isAlive(node) && nanoTime.getAsLong() - sights.get(node).sinceNanos() >= ago.toNanos();
    }

    /** The nodes whose agents began or ceased to be alive since this was last asked. */
    public synchronized Set<String> changed() {
        Set<String> alive = new TreeSet<>(sights.keySet());
        alive.removeIf(node -> !isAlive(node));
        Set<String> changed = new TreeSet<>(alive);
        changed.removeAll(toldAlive);
        toldAlive.stream().filter(node -> !alive.contains(node)).forEach(changed::add);
        toldAlive = alive;
        return changed;
    }

    /** @param sinceNanos when the agent was first seen alive without a gap until now */
    private record Sight(String resourceVersion, long atNanos, long sinceNanos) {}
}
