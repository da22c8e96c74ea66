package io.trustedlaunch.agent.location;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.node.ClusterNodeStatus.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inspects one location, writes this node's beacon there and reads the others', every half minute; sooner if a mode or an
 * owner on its path has changed. A lock is kept there meanwhile. This is polled: a watch reports neither a mount nor changes by other hosts. For one thread
 * at a time.
 */
final class LocationProbe implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocationProbe.class);
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    static final Duration CHECK_INTERVAL = Duration.ofSeconds(2);

    /** A new location is inspected at every check: it is new to other nodes too, and VMs wait for it. */
    private static final Duration NEW = Duration.ofSeconds(30);

    private final Path path;
    private final LocationCheck check;
    private final BeaconFolder folder;
    private final String nodeName;
    private final LocationToken token;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private final FileLocks fileLocks;
    private PeerBeacons beacons = new PeerBeacons();
    private LockWatch locks;
    private Object identity;
    private List<PathFacts> lastChain = List.of();
    private LocationState last;
    private long lastNanos;
    private long beat;
    private String lastError = "";

    /** @param firstBeat different at each start of the agent */
    LocationProbe(
            Path path,
            LocationCheck check,
            String nodeName,
            LocationToken token,
            FileLocks fileLocks,
            LongSupplier nanoTime,
            long firstBeat) {
        this.path = path;
        this.check = check;
        this.folder = new BeaconFolder(path);
        this.fileLocks = fileLocks;
        this.locks = new LockWatch(folder, fileLocks);
        this.nodeName = nodeName;
        this.token = token;
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
        this.beat = firstBeat;
    }

    /** Returns the state now, or the last one if no inspection is due. */
    LocationState state() {
        List<PathFacts> chain = check.chain(path);
        if (last == null || !chain.equals(lastChain) || isDue()) {
            lastChain = chain;
            lastNanos = nanoTime.getAsLong();
            last = inspect();
        }
        return last;
    }

    /** Reads that node's beacon now, whenever the last inspection was. */
    Stillness look(String node) {
        if (!Beacon.isNodeName(node)) {
            return new Stillness.Unreadable(node + " is not the name of a node");
        }
        try {
            forgetPeersOfAnotherFolder();
        } catch (IOException e) {
            return new Stillness.Unreadable("storage location " + path + " cannot be read: " + e);
        }
        return beacons.look(node, folder.read(node), nanoTime.getAsLong());
    }

    private LocationState inspect() {
        Optional<Problem> problem = check.problem(path);
        if (problem.isPresent()) {
            return LocationState.closed(problem.get());
        }
        boolean known = exchange();
        return LocationStateBuilder.builder()
                .problem(Optional.empty())
                .freeBytes(path.toFile().getUsableSpace())
                .token(Optional.of(token.value()).filter(own -> known))
                .peers(known ? neighbours() : List.of())
                .young(isYounger(Stillness.BELIEVED))
                .build();
    }

    private boolean isDue() {
        long now = nanoTime.getAsLong();
        return isYounger(NEW) || beacons.isUndecided(now) || now - lastNanos >= INTERVAL.toNanos();
    }

    /** Returns whether beacons could be written and read. A failure prevents proof of sharing, not use of the location. */
    private boolean exchange() {
        try {
            forgetPeersOfAnotherFolder();
            folder.create();
            // This comes before the beacon: one that moves says that its agent holds its lock.
            locks.hold(nodeName);
            folder.write(new Beacon(nodeName, token.value(), ++beat));
            beacons.observe(folder.list(nodeName, beacons.known()), nanoTime.getAsLong());
            lastError = "";
            return true;
        } catch (IOException e) {
            if (!lastError.equals(String.valueOf(e.getMessage()))) {
                lastError = String.valueOf(e.getMessage());
                LOG.warn("Storage location {}: cannot exchange beacons with other nodes: {}", path, e.toString());
            }
            return false;
        }
    }

    /** After a mount or unmount, beacons that were read earlier do not apply. */
    private void forgetPeersOfAnotherFolder() throws IOException {
        Object now = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
        if (identity != null && !identity.equals(now)) {
            beacons = new PeerBeacons();
            locks.close();
            locks = new LockWatch(folder, fileLocks);
        }
        identity = now;
    }

    private List<Peer> neighbours() {
        return locks.peers(beacons.neighbours(nodeName, nanoTime.getAsLong()));
    }

    /** Other nodes see this node's lock no more; a file system with an open file cannot be unmounted. */
    @Override
    public void close() {
        locks.close();
    }

    private boolean isYounger(Duration age) {
        return nanoTime.getAsLong() - startNanos < age.toNanos();
    }
}
