package io.trustedlaunch.protocol;

import io.trustedlaunch.agent.location.Stillness;
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

    /** Each agent of the schedule has seen the beacons of those with which it shares a folder. */
    Stillness look(Path location, String node) {
        Host other = network.host(node);
        if (!other.vms().equals(host.vms()) || other.lastBeaconNanos().isEmpty()) {
            return new Stillness.NotShared();
        }
        if (!isLongAgo(other.lastBeaconNanos().getAsLong())) {
            return new Stillness.Moving(Duration.ZERO);
        }
        return isLongAgo(startNanos) ? new Stillness.Still(true) : new Stillness.NotWatched(Duration.ZERO);
    }

    private boolean isLongAgo(long nanos) {
        return clock.nanoTime() - nanos >= STILL.toNanos();
    }
}
