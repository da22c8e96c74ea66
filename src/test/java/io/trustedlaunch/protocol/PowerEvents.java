package io.trustedlaunch.protocol;

import io.trustedlaunch.api.node.FenceDeviceSpec.Agent;
import io.trustedlaunch.protocol.PowerSwitches.Manner;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** What management controllers do, and what people ask of them. All hosts have one from the first of these events on. */
final class PowerEvents {
    private static final Duration A_MOMENT = Duration.ofSeconds(10);

    /** Longer than silence and an attempt take. */
    private static final int LONGEST_SILENCE = 20;

    private final ClusterUnderTest cluster;
    private final Random random;
    private final ProcessEvents processes;
    private Optional<PowerSwitches> switches = Optional.empty();

    PowerEvents(ClusterUnderTest cluster, Random random, ProcessEvents processes) {
        this.cluster = cluster;
        this.random = random;
        this.processes = processes;
    }

    /** @return what it concerned; empty: nothing happened */
    String play(Event event) {
        PowerSwitches all = attached();
        Host host = processes.one(cluster.hosts);
        return switch (event) {
            case CONTROLLER_CHANGES -> {
                Manner manner = processes.one(List.of(Manner.values()));
                all.behave(host, manner);
                yield host + ": " + manner;
            }
            case POWER_IS_TO_BE_CUT -> {
                all.request(host);
                yield host.name();
            }
            case POWER_IS_TO_STAY -> {
                all.withdraw(host);
                yield host.name();
            }
            case CONTROLLER_IS_LATE -> late(all, host);
            case FENCER_LAGS, FENCER_CATCHES_UP -> {
                all.lag(event == Event.FENCER_LAGS);
                yield "everywhere";
            }
            default -> silent(all, host);
        };
    }

    /** Restored data may know of no FenceDevice. */
    private PowerSwitches attached() {
        if (switches.isEmpty()) {
            switches = Optional.of(new PowerSwitches(cluster));
            cluster.hosts.forEach(host -> attach(switches.get(), host));
        }
        return switches.get();
    }

    private void attach(PowerSwitches to, Host host) {
        to.attach(host, random.nextInt(6) == 0 ? Agent.fence_ipmilan : Agent.fence_redfish, random.nextInt(3) > 0);
    }

    private String late(PowerSwitches all, Host host) {
        Runnable meanwhile = () -> {
            processes.tell("the controller of " + host + " takes its time");
            processes.playSome();
            processes.tell("the controller of " + host + " goes on");
        };
        boolean isFirst = random.nextBoolean();
        if (isFirst) {
            all.beforeCut(host, meanwhile);
        } else {
            all.beforeAnswer(host, meanwhile);
        }
        return host + (isFirst ? ", before it cuts" : ", before it answers");
    }

    /** If its controller lies, so that its guest goes on, beside a beacon that moves. */
    private String silent(PowerSwitches all, Host host) {
        if (!host.isOn() || processes.isPaused(host)) {
            return "";
        }
        if (random.nextBoolean()) {
            all.behave(host, random.nextBoolean() ? Manner.LYING : Manner.SWITCHING_ANOTHER);
        }
        if (random.nextBoolean()) {
            all.request(host);
        }
        host.reach(random.nextInt(3) > 0 ? Host.Reach.STORAGE : Host.Reach.NOTHING);
        processes.allGoesWell(1 + random.nextInt(LONGEST_SILENCE), A_MOMENT);
        return host.name();
    }

    /** From now on nothing is switched. */
    void rest() {
        switches.ifPresent(PowerSwitches::rest);
    }
}
