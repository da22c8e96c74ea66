package io.trustedlaunch.protocol;

import java.nio.file.Path;
import java.time.Duration;

/** The beacons that one process of an agent writes and reads, in the storage location of its host. */
final class Beacons {
    private static final Duration STILL = Duration.ofMinutes(2);

    private final Host host;
    private final Network network;
    private final VirtualClock clock;
    private final long startNanos;

    Beacons(Host host, Network network, VirtualClock clock) {
        this.host = host;
        this.network = network;
        this.clock = clock;
        this.startNanos = clock.nanoTime();
    }

    void beat() {
        host.writeBeacon(clock.nanoTime());
    }

    /** It has watched for two minutes, and the other node's agent has written nothing into the folder that they share. */
    boolean isStill(Path location, String node) {
        Host other = network.host(node);
        boolean watched = isLongAgo(startNanos);
        return watched
                && (!other.vms().equals(host.vms())
                        || other.lastBeaconNanos().isEmpty()
                        || isLongAgo(other.lastBeaconNanos().getAsLong()));
    }

    private boolean isLongAgo(long nanos) {
        return clock.nanoTime() - nanos >= STILL.toNanos();
    }
}
