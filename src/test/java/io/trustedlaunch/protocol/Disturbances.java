package io.trustedlaunch.protocol;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** What happens to readings of beacons and to clocks. */
final class Disturbances {
    private static final List<Duration> STEPS = List.of(
            Duration.ofHours(-1),
            Duration.ofMinutes(-2),
            Duration.ofSeconds(-30),
            Duration.ofMinutes(2),
            Duration.ofHours(1));

    private final ClusterUnderTest cluster;
    private final Random random;

    Disturbances(ClusterUnderTest cluster, Random random) {
        this.cluster = cluster;
        this.random = random;
    }

    /** Returns what happened, or nothing. */
    String play(Event event) {
        Host host = one(cluster.hosts);
        return switch (event) {
            case BEACON_IS_MISSED -> {
                Host missed = one(cluster.hosts);
                host.missBeacon(missed.name());
                yield "of " + missed + " on " + host;
            }
            case PROBE_HANGS -> {
                host.hangProbe(true);
                yield host.name();
            }
            case PROBES_GO_ON -> {
                cluster.hosts.forEach(one -> one.hangProbe(false));
                yield "everywhere";
            }
            default -> {
                String name = one(Stream.concat(
                                cluster.hosts.stream().map(Host::name),
                                cluster.operators.all().stream().map(OperatorProcess::identity))
                        .toList());
                Duration step = one(STEPS);
                cluster.clock.of(name).step(step);
                yield "of " + name + " by " + step;
            }
        };
    }

    private <T> T one(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }
}
