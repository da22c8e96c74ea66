package io.trustedlaunch.protocol;

import io.trustedlaunch.agent.location.LocationState;
import io.trustedlaunch.agent.location.LocationToken;
import io.trustedlaunch.agent.location.PlayedProbe;
import io.trustedlaunch.agent.location.Stillness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The beacons that one process of an agent writes and reads, in the storage location of its host, with the real probe. */
final class Beacons implements AutoCloseable {
    private static final String FOLDER = ".nodes";

    private final Host host;
    private final VirtualClock time;
    private final PlayedProbe probe;

    Beacons(Host host, LocalClock clock, VirtualClock time) {
        this.host = host;
        this.time = time;
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
        bringBack(hidden);
        if (hasRead) {
            host.wroteBeacon(time.nanoTime());
            host.missNoBeacon();
        }
    }

    /** What the last probe found; a probe that hangs has not ended. */
    Optional<LocationState> state() {
        return probe.state();
    }

    private Map<Path, Path> hide() {
        Map<Path, Path> hidden = new HashMap<>();
        for (String node : host.missedBeacons()) {
            if (node.equals(host.name())) {
                continue;
            }
            Path beacon = file(host, node);
            if (Files.exists(beacon)) {
                Path aside = host.runFolder().resolve("beacon-of-" + node);
                move(beacon, aside);
                hidden.put(beacon, aside);
            }
        }
        return hidden;
    }

    private static void bringBack(Map<Path, Path> hidden) {
        hidden.forEach((place, beacon) -> move(beacon, place));
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

    /** Its own reading of that node's beacon; one that hangs is given up. */
    Stillness look(Path location, String node) {
        if (!location.equals(host.vms())) {
            return new Stillness.Unreadable("nothing watches " + location);
        }
        if (!host.probes()) {
            return new Stillness.Unreadable(location + " does not respond");
        }
        Map<Path, Path> hidden = hide();
        Stillness stillness = probe.look(node);
        bringBack(hidden);
        return stillness;
    }

    @Override
    public void close() {
        probe.close();
    }
}
