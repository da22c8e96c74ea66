package io.trustedlaunch.operator.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.incarnation.VMMigrationStatus;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/** Counts what the operator does. */
public final class OperatorMeters {
    private static final Duration[] MIGRATIONS = {
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(30),
        Duration.ofHours(2)
    };

    private static final Duration[] PHASES = {
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(5),
        Duration.ofHours(1)
    };

    private final MeterRegistry registry;

    /** @param policiesInForce whether the operator works */
    public OperatorMeters(MeterRegistry registry, BooleanSupplier leads, BooleanSupplier policiesInForce) {
        this.registry = registry;
        state("trusted.launch.leader", "1 if this process leads, else 0", leads);
        state(
                "trusted.launch.access.policies.in.force",
                "0 while the operator does nothing, because the policies that restrict agents are missing or changed, else"
                        + " 1",
                policiesInForce);
    }

    private void state(String name, String help, BooleanSupplier state) {
        Gauge.builder(name, () -> state.getAsBoolean() ? 1 : 0)
                .description(help)
                .register(registry);
    }

    /** A NodeFence that has come into another phase. */
    public void changed(NodeFence fence, NodeFenceStatus now) {
        fence.status()
                .filter(before -> before.phase() != now.phase())
                .ifPresent(before -> Timer.builder("trusted.launch.fence.phase.duration")
                        .description(
                                "Time of NodeFences in a phase, by the phase that followed: Proved of Fencing are the"
                                        + " hosts that were switched off")
                        .serviceLevelObjectives(PHASES)
                        .tag("method", fence.getSpec().method().name())
                        .tag("phase", before.phase().name())
                        .tag("next", now.phase().name())
                        .register(registry)
                        .record(Duration.between(Instant.parse(before.since()), Instant.parse(now.since()))));
    }

    /** A migration that was recorded as ended. One that had nothing to do is none. */
    public void ended(VMMigrationStatus status) {
        if (status.epoch() == null || status.startTime() == null) {
            return;
        }
        ConditionType.Migrated.in(status.conditions())
                .ifPresent(migrated -> Timer.builder("trusted.launch.migration.duration")
                        .description("Time from the choice of a target until a migration ended, by the reason of the"
                                + " condition Migrated")
                        .serviceLevelObjectives(MIGRATIONS)
                        .tag("reason", migrated.getReason())
                        .register(registry)
                        .record(Duration.between(
                                Instant.parse(status.startTime()), Instant.parse(status.completionTime()))));
    }
}
