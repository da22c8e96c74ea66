package io.trustedlaunch.agent.location;

import io.trustedlaunch.api.node.ClusterNodeStatus.Peer;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether locks that agents of other hosts hold in a location are seen here. Each agent holds one on a file of its own
 * before it writes its beacon, so a beacon that has moved says that its agent holds it. For one thread at a time.
 */
final class LockWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LockWatch.class);

    private final BeaconFolder folder;
    private final FileLocks locks;
    private final Map<String, Tested> tested = new HashMap<>();
    private Optional<FileLocks.Held> own = Optional.empty();
    private String lastError = "";

    /**
     * @param beacon as it was when its lock was tested last
     * @param missed how often in a row the lock was not seen
     * @param seen as it was decided last; empty if it was not yet
     */
    private record Tested(Beacon beacon, int missed, Optional<Boolean> seen) {
        /** Once is not enough: an agent may end right after it has written its beacon. */
        private static final int ENOUGH = 2;

        static Tested first(Beacon beacon, boolean seen) {
            return new Tested(beacon, 0, Optional.empty()).next(beacon, seen);
        }

        Tested next(Beacon now, boolean isSeen) {
            if (isSeen) {
                return new Tested(now, 0, Optional.of(true));
            }
            return new Tested(now, missed + 1, missed + 1 < ENOUGH ? seen : Optional.of(false));
        }
    }

    LockWatch(BeaconFolder folder, FileLocks locks) {
        this.folder = folder;
        this.locks = locks;
    }

    /** Locks this node's file anew: a file server may have dropped the lock. Without it, other nodes see none. */
    void hold(String ownName) {
        try {
            FileLocks.Held renewed = locks.hold(folder.lockOf(ownName));
            own.ifPresent(FileLocks.Held::close);
            own = Optional.of(renewed);
            lastError = "";
        } catch (IOException e) {
            if (!lastError.equals(String.valueOf(e.getMessage()))) {
                lastError = String.valueOf(e.getMessage());
                LOG.warn("Storage location {}: cannot hold a lock there: {}", folder.location(), e.toString());
            }
        }
    }

    /** @param neighbours whose beacons move */
    List<Peer> peers(List<Beacon> neighbours) {
        Map<String, Tested> now = new HashMap<>();
        neighbours.forEach(beacon -> now.put(beacon.nodeName(), test(beacon)));
        tested.clear();
        tested.putAll(now);
        return neighbours.stream()
                .map(beacon -> new Peer(
                        beacon.nodeName(),
                        beacon.token(),
                        now.get(beacon.nodeName()).seen().orElse(null)))
                .toList();
    }

    private Tested test(Beacon beacon) {
        Optional<Tested> before = Optional.ofNullable(tested.get(beacon.nodeName()))
                .filter(known -> known.beacon().token().equals(beacon.token()));
        return before.filter(known -> known.beacon().equals(beacon)).orElseGet(() -> {
            boolean seen = isSeen(beacon);
            return before.map(known -> known.next(beacon, seen)).orElseGet(() -> Tested.first(beacon, seen));
        });
    }

    private boolean isSeen(Beacon beacon) {
        try {
            return locks.isHeld(folder.lockOf(beacon.nodeName()));
        } catch (IOException e) {
            LOG.debug("Storage location {}: no lock of {}", folder.location(), beacon.nodeName(), e);
            return false;
        }
    }

    @Override
    public void close() {
        own.ifPresent(FileLocks.Held::close);
        own = Optional.empty();
    }
}
