package io.trustedlaunch.agent.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.trustedlaunch.agent.host.WorkMeter;
import java.time.Duration;
import java.util.function.BiConsumer;

/** Counts and measures what the agent does. */
public final class AgentMeters {
    private static final Duration[] SEALS = {
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofMinutes(5)
    };

    private static final Duration[] STEPS = {
        Duration.ofMillis(50),
        Duration.ofMillis(200),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofMinutes(5)
    };

    private static final Duration[] HANDOFFS = {
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };

    private static final Duration[] IMPORTS = {
        Duration.ofSeconds(10),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(15),
        Duration.ofHours(1),
        Duration.ofHours(4)
    };

    private final MeterRegistry registry;
    private final Counter heartbeatFailures;
    private final Timer handoffs;
    private final WorkMeter seals;
    private final WorkMeter imports;

    public AgentMeters(MeterRegistry registry) {
        this.registry = registry;
        heartbeatFailures =
                counter("trusted.launch.agent.heartbeat.failures", "Renewals of the node's Lease that failed");
        handoffs = timer(
                "trusted.launch.agent.migration.handoff",
                "Time from when a guest has left until its target was notified; the guest is paused meanwhile, and before by"
                        + " QEMU",
                HANDOFFS);
        seals = new Measured(
                timer(
                        "trusted.launch.agent.guest.state.seal.lag",
                        "Time from the change of a guest's state until it was sealed and durable at home",
                        SEALS),
                counter(
                        "trusted.launch.agent.guest.state.seal.failures",
                        "Attempts to seal a guest's state that failed"));
        imports = new Measured(
                timer(
                        "trusted.launch.agent.image.import.duration",
                        "Time of imports of images that succeeded",
                        IMPORTS),
                counter(
                        "trusted.launch.agent.image.import.failures",
                        "Imports of images that failed or were cancelled"));
    }

    public void heartbeatFailed() {
        heartbeatFailures.increment();
    }

    /** @param name of a step of an incarnation that was carried out */
    public void step(String name, Duration took) {
        Timer.builder("trusted.launch.agent.step.duration")
                .description(
                        "Time of the steps by which the agent starts, migrates and stops guests; a start from an image that is"
                                + " there has RecordEpoch, Prepare, which ends with a paused guest, and Resume")
                .serviceLevelObjectives(STEPS)
                .tag("step", name)
                .register(registry)
                .record(took);
    }

    public WorkMeter seals() {
        return seals;
    }

    public WorkMeter imports() {
        return imports;
    }

    public <A, B> BiConsumer<A, B> handoffs(BiConsumer<A, B> handOff) {
        return (migration, migrations) -> handoffs.record(() -> handOff.accept(migration, migrations));
    }

    private Timer timer(String name, String help, Duration... buckets) {
        return Timer.builder(name)
                .description(help)
                .serviceLevelObjectives(buckets)
                .register(registry);
    }

    private Counter counter(String name, String help) {
        return Counter.builder(name).description(help).register(registry);
    }

    private record Measured(Timer succeeded, Counter failures) implements WorkMeter {
        @Override
        public void succeeded(Duration took) {
            succeeded.record(took);
        }

        @Override
        public void failed() {
            failures.increment();
        }
    }
}
