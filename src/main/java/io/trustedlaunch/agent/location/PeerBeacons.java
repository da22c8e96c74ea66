package io.trustedlaunch.agent.location;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which nodes' beacons in a location change. One that does not change proves nothing: a copy of the folder has them all.
 * Keeps state but does no I/O; not thread-safe.
 */
final class PeerBeacons {
    /** Time in which a new beacon may still turn out to change. */
    private static final Duration UNDECIDED = Duration.ofMinutes(1);

    /**
     * Reported on each side in a ring by name. Reporting neighbours is enough, because sharing a folder is transitive, and
     * a node that comes or goes then changes few reports.
     */
    private static final int NEIGHBOURS = 4;

    private final Map<String, Observation> observations = new HashMap<>();

    /** The time since which each listing was complete; empty if the last one was not. */
    private OptionalLong completeNanos = OptionalLong.empty();

    /**
     * @param beacon as it was read last
     * @param present it is there
     * @param firstNanos when a beacon with this token was first read
     * @param changedNanos when it last changed after that; empty: it did not
     * @param movedNanos when it last changed, came or went: somebody wrote into the folder
     */
    private record Observation(
            Beacon beacon, boolean present, long firstNanos, OptionalLong changedNanos, long movedNanos) {
        static Observation first(Beacon beacon, long nanos) {
            return new Observation(beacon, true, nanos, OptionalLong.empty(), nanos);
        }

        Observation seen(Beacon now, long nanos) {
            if (!now.token().equals(beacon.token())) {
                return first(now, nanos);
            }
            if (now.beat() != beacon.beat()) {
                return new Observation(now, true, firstNanos, OptionalLong.of(nanos), nanos);
            }
            return present ? this : new Observation(now, true, firstNanos, changedNanos, nanos);
        }

        Observation missing(long nanos) {
            return present ? new Observation(beacon, false, firstNanos, changedNanos, nanos) : this;
        }

        boolean hasChanged() {
            return changedNanos.isPresent();
        }

        boolean isBelieved(long nanos) {
            return present && hasChanged() && nanos - changedNanos.getAsLong() < Stillness.BELIEVED.toNanos();
        }

        boolean isUndecided(long nanos) {
            return present && !hasChanged() && nanos - firstNanos < UNDECIDED.toNanos();
        }
    }

    /** Observes what agents have written since the last listing; nothing follows for nodes that are not in it. */
    void observe(BeaconListing listing, long nanos) {
        listing.beacons().forEach(beacon -> seen(beacon, nanos));
        listing.missing().forEach(node -> missing(node, nanos));
        if (!listing.complete()) {
            completeNanos = OptionalLong.empty();
        } else if (completeNanos.isEmpty()) {
            completeNanos = OptionalLong.of(nanos);
        }
    }

    private void seen(Beacon beacon, long nanos) {
        Observation known = observations.get(beacon.nodeName());
        observations.put(
                beacon.nodeName(), known == null ? Observation.first(beacon, nanos) : known.seen(beacon, nanos));
    }

    /** One that was removed is watched on, as long as it may have been an agent's and there is room. */
    private void missing(String node, long nanos) {
        observations.computeIfPresent(
                node,
                (name, known) -> known.hasChanged() && observations.size() <= BeaconFolder.MAX_FILES
                        ? known.missing(nanos)
                        : null);
    }

    /** The nodes whose beacons are asked for by name if a listing does not show them. */
    Set<String> known() {
        return Set.copyOf(observations.keySet());
    }

    /** Whether the node writes nothing, by what was just read under its name. */
    Stillness look(String node, BeaconReading reading, long nanos) {
        switch (reading) {
            case BeaconReading.Unreadable(String why) -> {
                return new Stillness.Unreadable(why);
            }
            case BeaconReading.Found(Beacon beacon) -> seen(beacon, nanos);
            case BeaconReading.Missing gone -> missing(node, nanos);
        }
        Observation observed = observations.get(node);
        return observed == null ? unseen(nanos) : stillness(observed, nanos);
    }

    private static Stillness stillness(Observation observed, long nanos) {
        Duration still = Duration.ofNanos(nanos - observed.movedNanos());
        if (still.compareTo(Stillness.BELIEVED) >= 0) {
            return new Stillness.Still(observed.hasChanged());
        }
        return observed.hasChanged() ? new Stillness.Moving(still) : new Stillness.NotWatched(still);
    }

    private Stillness unseen(long nanos) {
        Duration watched =
                completeNanos.isEmpty() ? Duration.ZERO : Duration.ofNanos(nanos - completeNanos.getAsLong());
        return watched.compareTo(Stillness.BELIEVED) >= 0
                ? new Stillness.NotShared()
                : new Stillness.NotWatched(watched);
    }

    /** Whether to read again soon, because a new beacon may still change. */
    boolean isUndecided(long nanos) {
        return observations.values().stream().anyMatch(observation -> observation.isUndecided(nanos));
    }

    /**
     * This node's nearest neighbours among those with changing beacons, in a ring by name; sorted.
     *
     * @param own this node's name
     */
    List<Beacon> neighbours(String own, long nanos) {
        TreeMap<String, Beacon> alive = new TreeMap<>();
        observations.forEach((name, observation) -> {
            if (observation.isBelieved(nanos)) {
                alive.put(name, observation.beacon());
            }
        });
        List<Beacon> ring = new ArrayList<>(alive.tailMap(own).values());
        ring.addAll(alive.headMap(own).values());
        if (ring.size() > 2 * NEIGHBOURS) {
            ring.subList(NEIGHBOURS, ring.size() - NEIGHBOURS).clear();
        }
        return ring.stream().sorted(Comparator.comparing(Beacon::nodeName)).toList();
    }
}
