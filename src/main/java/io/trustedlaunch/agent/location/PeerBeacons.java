package io.trustedlaunch.agent.location;

import io.trustedlaunch.api.ClusterNodeStatus.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whose files in a location move. A file that stands still proves nothing: a copy of a folder has all of them. Pure, but
 * for what it remembers; not for several threads.
 */
final class PeerBeacons {
    /** Agents write every half minute; three of four may be lost. */
    static final Duration BELIEVED = Duration.ofMinutes(2);

    /** For so long a file that is new here may still turn out to move. */
    private static final Duration UNDECIDED = Duration.ofMinutes(1);

    /**
     * On each side, by name. To find out who has the same folder it is enough that each tells of its neighbours, since
     * having the same folder is transitive; and of a node that comes or goes a hundred others need not all tell.
     */
    private static final int NEIGHBOURS = 4;

    private final Map<String, Sight> sights = new HashMap<>();

    /**
     * @param firstNanos when a file with this token was first read
     * @param movedNanos when it last changed after that
     */
    private record Sight(Beacon beacon, long firstNanos, boolean moved, long movedNanos) {
        Sight seen(Beacon now, long nanos) {
            if (!now.token().equals(beacon.token())) {
                return first(now, nanos);
            }
            return now.beat() == beacon.beat() ? this : new Sight(now, firstNanos, true, nanos);
        }

        static Sight first(Beacon beacon, long nanos) {
            return new Sight(beacon, nanos, false, nanos);
        }

        boolean isBelieved(long nanos) {
            return moved && nanos - movedNanos < BELIEVED.toNanos();
        }

        boolean isUndecided(long nanos) {
            return !moved && nanos - firstNanos < UNDECIDED.toNanos();
        }
    }

    /** @param read all that is in the folder now; one that is gone is forgotten */
    void observe(List<Beacon> read, long nanos) {
        Map<String, Sight> now = new HashMap<>();
        for (Beacon beacon : read) {
            Sight known = sights.get(beacon.nodeName());
            now.put(beacon.nodeName(), known == null ? Sight.first(beacon, nanos) : known.seen(beacon, nanos));
        }
        sights.clear();
        sights.putAll(now);
    }

    /** Whether to look again soon: a file is new here, and moves or does not. */
    boolean isUndecided(long nanos) {
        return sights.values().stream().anyMatch(sight -> sight.isUndecided(nanos));
    }

    /**
     * The nearest neighbours of this node among those that move, in a ring of all by name; sorted.
     *
     * @param own this node's name
     */
    List<Peer> neighbours(String own, long nanos) {
        TreeMap<String, Peer> alive = new TreeMap<>();
        sights.forEach((name, sight) -> {
            if (sight.isBelieved(nanos)) {
                alive.put(name, new Peer(name, sight.beacon().token()));
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
