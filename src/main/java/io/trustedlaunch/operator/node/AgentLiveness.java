package io.trustedlaunch.operator.node;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Which agents are alive: those whose Lease changed lately, by this process's monotonic clock. The times in the Leases
 * are not read, since they come from the clocks of other machines.
 */
public final class AgentLiveness {
    /** Agents renew their Leases every ten seconds: three renewals may be lost. */
    static final Duration TIMEOUT = Duration.ofSeconds(40);

    private static final String PREFIX = "node-";

    private final LongSupplier nanoTime;
    private final Map<String, Observation> observations = new HashMap<>();
    private Set<String> reportedAlive = Set.of();
    private Consumer<String> renewed = node -> {};

    public AgentLiveness(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** @param listener called with the node of each Lease that was seen to change: its agent runs now */
    public synchronized void onRenewal(Consumer<String> listener) {
        renewed = listener;
    }

    /** A Lease seen for the first time counts as renewed. */
    public void seen(String lease, String resourceVersion) {
        if (lease.startsWith(PREFIX)) {
            String node = lease.substring(PREFIX.length());
            observe(node, resourceVersion).accept(node);
        }
    }

    private synchronized Consumer<String> observe(String node, String resourceVersion) {
        Observation known = observations.get(node);
        if (known != null && known.resourceVersion().equals(resourceVersion)) {
            return unchanged -> {};
        }
        long now = nanoTime.getAsLong();
        boolean unbroken = known != null && now - known.atNanos() < TIMEOUT.toNanos();
        observations.put(
                node, new Observation(resourceVersion, now, unbroken ? known.sinceNanos() : now, known != null));
        return known == null ? first -> {} : renewed;
    }

    public synchronized void deleted(String lease) {
        if (lease.startsWith(PREFIX)) {
            observations.remove(lease.substring(PREFIX.length()));
        }
    }

    public synchronized boolean isAlive(String node) {
        Observation observation = observations.get(node);
        return observation != null && nanoTime.getAsLong() - observation.atNanos() < TIMEOUT.toNanos();
    }

    /** Whether the agent is alive and this process has seen that: it counts a Lease that it has just found as alive, too. */
    synchronized boolean isRenewed(String node) {
        return isAlive(node) && observations.get(node).renewed();
    }

    /** The time for which the agent counts as alive if it renews its Lease no more. */
    synchronized Duration untilSilent(String node) {
        Observation observation = observations.get(node);
        return observation == null ? Duration.ZERO : TIMEOUT.minusNanos(nanoTime.getAsLong() - observation.atNanos());
    }

    /** The time since each agent's Lease was seen to change. */
    public synchronized Map<String, Duration> sinceRenewal() {
        long now = nanoTime.getAsLong();
        return observations.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> Duration.ofNanos(now - entry.getValue().atNanos())));
    }

    /** Whether the agent has been alive for that long without a gap, as far as this process has seen. */
    public synchronized boolean isAliveSince(String node, Duration ago) {
        return isAlive(node) && nanoTime.getAsLong() - observations.get(node).sinceNanos() >= ago.toNanos();
    }

    /** The nodes whose agents came up or went down since the last call. */
    public synchronized Set<String> changed() {
        Set<String> alive = new TreeSet<>(observations.keySet());
        alive.removeIf(node -> !isAlive(node));
        Set<String> changed = new TreeSet<>(alive);
        changed.removeAll(reportedAlive);
        reportedAlive.stream().filter(node -> !alive.contains(node)).forEach(changed::add);
        reportedAlive = alive;
        return changed;
    }

    /**
     * @param sinceNanos the begin of the period without a gap
     * @param renewed it was seen to change, and not only to be there
     */
    private record Observation(String resourceVersion, long atNanos, long sinceNanos, boolean renewed) {}
}
