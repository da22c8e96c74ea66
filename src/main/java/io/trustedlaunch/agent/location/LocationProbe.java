package io.trustedlaunch.agent.location;

import io.trustedlaunch.agent.location.LocationVerdict.Closed;
import io.trustedlaunch.agent.location.LocationVerdict.Open;
import io.trustedlaunch.api.ClusterNodeStatus.Peer;
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
 * Looks at one location, writes this node's file there, and reads the others', each half minute; sooner where a glance
 * shows that a mode or an owner on the way to it is another. A glance, since no watch tells of the root of a mount, nor of
 * what another host does. One look at a time.
 */
final class LocationProbe {
    private static final Logger LOG = LoggerFactory.getLogger(LocationProbe.class);
    private static final Duration AT_LEISURE = Duration.ofSeconds(30);
    static final Duration BETWEEN_GLANCES = Duration.ofSeconds(2);

    /** A location that is new is new to other nodes as well, and VMs wait for it. */
    private static final Duration NEW = Duration.ofSeconds(30);

    private final Path path;
    private final LocationCheck check;
    private final BeaconFolder folder;
    private final String nodeName;
    private final LocationToken token;
    private final LongSupplier nanoTime;
    private final long beganNanos;
    private PeerBeacons peers = new PeerBeacons();
    private Object identity;
    private List<PathFacts> glanced = List.of();
    private LocationState last;
    private long lastNanos;
    private long beat;
    private String complaint = "";

    /** @param firstBeat another at each start of the agent */
    LocationProbe(
            Path path,
            LocationCheck check,
            String nodeName,
            LocationToken token,
            LongSupplier nanoTime,
            long firstBeat) {
        this.path = path;
        this.check = check;
        this.folder = new BeaconFolder(path);
        this.nodeName = nodeName;
        this.token = token;
        this.nanoTime = nanoTime;
        this.beganNanos = nanoTime.getAsLong();
        this.beat = firstBeat;
    }

    /** What is to be seen now, or what was seen last where nothing calls for another look. */
    LocationState look() {
        List<PathFacts> glance = check.chain(path);
        if (last == null || !glance.equals(glanced) || isDue()) {
            glanced = glance;
            lastNanos = nanoTime.getAsLong();
            last = lookClosely();
        }
        return last;
    }

    private LocationState lookClosely() {
        return switch (check.verdict(path)) {
            case Closed closed -> LocationState.closed(closed.reason(), closed.message());
            case Open open -> {
                boolean known = exchange();
                yield new LocationState(
                        open,
                        path.toFile().getUsableSpace(),
                        Optional.of(token.value()).filter(own -> known),
                        known ? neighbours() : List.of(),
                        isYounger(PeerBeacons.BELIEVED));
            }
        };
    }

    private boolean isDue() {
        long now = nanoTime.getAsLong();
        return isYounger(NEW) || peers.isUndecided(now) || now - lastNanos >= AT_LEISURE.toNanos();
    }

    /** Whether the files could be written and read: who cannot proves nothing, and uses the location all the same. */
    private boolean exchange() {
        try {
            forgetWhereAnotherFolderIs();
            folder.write(new Beacon(nodeName, token.value(), ++beat));
            peers.observe(folder.readOthers(nodeName), nanoTime.getAsLong());
            complaint = "";
            return true;
        } catch (IOException e) {
            if (!complaint.equals(String.valueOf(e.getMessage()))) {
                complaint = String.valueOf(e.getMessage());
                LOG.warn("{} cannot be proved to be shared: {}", path, e.toString());
            }
            return false;
        }
    }

    /** Something was mounted there, or is no longer: what was read says nothing of what is there now. */
    private void forgetWhereAnotherFolderIs() throws IOException {
        Object now = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
        if (identity != null && !identity.equals(now)) {
            peers = new PeerBeacons();
        }
        identity = now;
    }

    private List<Peer> neighbours() {
        return peers.neighbours(nodeName, nanoTime.getAsLong());
    }

    private boolean isYounger(Duration age) {
        return nanoTime.getAsLong() - beganNanos < age.toNanos();
    }
}
