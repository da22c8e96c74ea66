package io.trustedlaunch.agent.location;

import io.trustedlaunch.api.ClusterNodeStatus.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which nodes' beacons in a location change. One that does not change proves nothing: a copy of the folder has them all.
 * Keeps state but does no I/O; not thread-safe.
 */
final class PeerBeacons {
    /** Agents write every half minute; three of four writes may be missed. */
    static final Duration BELIEVED = Duration.ofMinutes(2);

    /** Time in which a new beacon may still turn out to change. */
    private static final Duration UNDECIDED = Duration.ofMinutes(1);

    /**
     * Reported on each side in a ring by name. Reporting neighbours is enough, because sharing a folder is transitive, and
     * a node that comes or goes then changes few reports.
     */
    private static final int NEIGHBOURS = 4;

    private final Map<String, Observation> observations = new HashMap<>();

    /**
     * @param firstNanos when a beacon with this token was first read
     * @param changedNanos when it last changed after that
     */
    private record Observation(Beacon beacon, long firstNanos, boolean changed, long changedNanos) {
        Observation seen(Beacon now, long nanos) {
            if (!now.token().equals(beacon.token())) {
                return first(now, nanos);
            }
            return now.beat() == beacon.beat() ? this : new Observation(now, firstNanos, true, nanos);
        }

        static Observation first(Beacon beacon, long nanos) {
            return new Observation(beacon, nanos, false, nanos);
        }

        boolean isBelieved(long nanos) {
            return changed && nanos - changedNanos < BELIEVED.toNanos();
        }

        boolean isUndecided(long nanos) {
            return !changed && nanos - firstNanos < UNDECIDED.toNanos();
        }
    }

    /** @param read all beacons in the folder now; missing ones are forgotten */
    void observe(List<Beacon> read, long nanos) {
        Map<String, Observation> now = new HashMap<>();
        for (Beacon beacon : read) {
            Observation known = observations.get(beacon.nodeName());
            now.put(beacon.nodeName(), known == null ? Observation.first(beacon, nanos) : known.seen(beacon, nanos));
        }
        observations.clear();
        observations.putAll(now);
    }

    /** Whether to read again soon, because a new beacon may still change. */
    boolean isUndecided(long nanos) {
        return observations.values().stream().anyMatch(observation -> observation.isUndecided(nanos));
    }

    /** The nodes whose beacons have changed lately, or may turn out to: their agents may be alive. */
    Set<String> maybeAlive(long nanos) {
        return observations.entrySet().stream()
                .filter(entry -> entry.getValue().isBelieved(nanos)
                        || nanos - entry.getValue().firstNanos() < BELIEVED.toNanos())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /**
     * This node's nearest neighbours among those with changing beacons, in a ring by name; sorted.
     *
     * @param own this node's name
     */
    List<Peer> neighbours(String own, long nanos) {
        TreeMap<String, Peer> alive = new TreeMap<>();
        observations.forEach((name, observation) -> {
            if (observation.isBelieved(nanos)) {
                alive.put(name, new Peer(name, observation.beacon().token()));
            }
        });
        List<Peer> ring = new ArrayList<>(alive.tailMap(own).values());
        ring.addAll(alive.headMap(own).values());
        if (ring.size() > 2 * NEIGHBOURS) {
            ring.subList(NEIGHBOURS, ring.size() - NEIGHBOURS).clear();
        }
        return ring.stream()
                .sorted((a, b) -> a.nodeName().compareTo(b.nodeName()))
                .toList();
    }
}
