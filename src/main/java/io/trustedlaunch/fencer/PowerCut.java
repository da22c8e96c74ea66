package io.trustedlaunch.fencer;

import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.api.node.MachineUuid;
import io.trustedlaunch.fencer.device.FenceAgent;
import io.trustedlaunch.fencer.device.FenceException;
import io.trustedlaunch.fencer.device.FenceTarget;
import io.trustedlaunch.fencer.device.Machine;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Cuts the power of one machine, and observes that it is off: twice, some time apart, and still the same machine after that.
 * The answer of the switch itself counts for nothing. The machine is never restarted by it: a controller reports a restart as
 * done before the power is off.
 */
final class PowerCut {
    /** A machine that is only being restarted is on again by then. */
    static final Duration BETWEEN = Duration.ofSeconds(3);

    private final FenceAgent agent;
    private final Pause pause;
    private final InstantSource clock;

    /** Waits. */
    @FunctionalInterface
    interface Pause {
        void during(Duration time);
    }

    /** The observations: {@code power} is Off only if that is proved as far as the controller can. */
    record Observed(Power power, List<String> observations, String message) {}

    PowerCut(FenceAgent agent, Pause pause, InstantSource clock) {
        this.agent = agent;
        this.pause = pause;
        this.clock = clock;
    }

    /** @param machine that was read before; empty over IPMI */
    Observed cut(FenceTarget target, Optional<MachineUuid> machine) {
        Optional<String> refused = off(target);
        List<String> observations = new ArrayList<>();
        try {
            Power first = observed(target, observations);
            if (first != Power.Off) {
                return stillOn(target, first, observations, refused);
            }
            pause.during(BETWEEN);
            Power second = observed(target, observations);
            if (second != Power.Off) {
                return stillOn(target, second, observations, Optional.of("it was off before"));
            }
            return same(target, machine, observations);
        } catch (FenceException e) {
            return new Observed(
                    Power.Unknown,
                    observations,
                    refused.orElseGet(() -> e.problem().message()));
        }
    }

    private Optional<String> off(FenceTarget target) {
        try {
            agent.off(target);
            return Optional.empty();
        } catch (FenceException e) {
            return Optional.of(e.problem().message());
        }
    }

    private Power observed(FenceTarget target, List<String> observations) throws FenceException {
        Power power = agent.status(target);
        observations.add(power + " at " + clock.instant().truncatedTo(ChronoUnit.MILLIS));
        return power;
    }

    private static Observed stillOn(FenceTarget target, Power power, List<String> observations, Optional<String> why) {
        return new Observed(
                power,
                observations,
                target.address() + ": the machine is " + power + " although its power was cut"
                        + why.map(text -> " (" + text + ")").orElse("") + "; it is tried again");
    }

    /** The address may belong to another controller by now. */
    private Observed same(FenceTarget target, Optional<MachineUuid> before, List<String> observations)
            throws FenceException {
        Optional<MachineUuid> after = agent.machine(target).map(Machine::uuid);
        if (!after.equals(before)) {
            return new Observed(
                    Power.Unknown,
                    observations,
                    target.address() + " was in machine "
                            + before.map(MachineUuid::text).orElse("?") + " and is now in "
                            + after.map(MachineUuid::text).orElse("?") + ": check spec.address");
        }
        return new Observed(
                Power.Off,
                observations,
                before.map(machine -> "machine " + machine + " is off, observed twice")
                        .orElse(target.address() + " says that the machine is off, observed twice; over IPMI that"
                                + " supports a statement and proves nothing"));
    }
}
