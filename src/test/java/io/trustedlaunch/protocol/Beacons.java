package io.trustedlaunch.protocol;

import io.trustedlaunch.agent.location.LocationToken;
import io.trustedlaunch.agent.location.PlayedProbe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The beacons that one process of an agent writes and reads, in the storage location of its host, with the real probe. */
final class Beacons {
    private static final String FOLDER = ".nodes";

    private final Host host;
    private final PlayedProbe probe;

    Beacons(Host host, LocalClock clock) {
        this.host = host;
        this.probe = new PlayedProbe(
                host.vms(),
                host.locationCheck(),
                host.name(),
                new LocationToken(host.throughCache(host.disk().resolve("location-token")), Dice.SECURE),
                clock::nanoTime,
                clock.millis());
    }

    /** As every two seconds; most of the times nothing is due. */
    void probe() {
        Map<Path, Path> hidden = hide();
        boolean hasRead = probe.run();
        hidden.forEach((place, beacon) -> move(beacon, place));
        if (hasRead) {
            host.missNoBeacon();
        }
    }

    private Map<Path, Path> hide() {
        Map<Path, Path> hidden = new HashMap<>();
        for (String node : host.missedBeacons()) {
            Path beacon = file(host, node);
            if (Files.exists(beacon)) {
                Path aside = host.runFolder().resolve("beacon-of-" + node);
                move(beacon, aside);
                hidden.put(beacon, aside);
            }
        }
        return hidden;
    }

    /** Where the agent of that node has its beacon, as that host sees it. */
    static Path file(Host host, String node) {
        return host.vms().resolve(FOLDER).resolve(node);
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As it was seen last: it has watched for two minutes, and that node's agent has written nothing. */
    boolean isStill(Path location, String node) {
        return location.equals(host.vms()) && probe.isStill(node);
    }
}
