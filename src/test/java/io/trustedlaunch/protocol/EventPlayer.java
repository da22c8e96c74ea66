package io.trustedlaunch.protocol;

import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.LiveMigration;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Carries out the events of a schedule; what each concerns is drawn by lot. */
final class EventPlayer {
    private final ClusterUnderTest cluster;
    private final Random random;
    private final ProcessEvents processes;
    private final RecordEvents records;
    private final Lies lies;
    private final Scenes scenes;
    private final Administration administration;
    private final Disturbances disturbances;
    private final PowerEvents power;
    private final RestoreEvents restores;

    EventPlayer(ClusterUnderTest cluster, Random random, Schedule schedule) {
        this.cluster = cluster;
        this.random = random;
        this.processes = new ProcessEvents(cluster, random, schedule);
        this.records = new RecordEvents(cluster, random, processes);
        this.lies = new Lies(cluster.faults, random);
        this.scenes = new Scenes(cluster, random, processes);
        this.administration = new Administration(cluster, random, processes, records);
        this.disturbances = new Disturbances(cluster, random);
        this.power = new PowerEvents(cluster, random, processes);
        this.restores = new RestoreEvents(cluster, random, processes);
    }

    /** @return what it concerned; empty: nothing happened */
    String happen(Event event) {
        processes.remember();
        cluster.turnTo(processes.one(cluster.names()));
        return switch (event) {
            case OPERATOR_LOOKS,
                    OPERATOR_LOOKS_AT_SOME_KINDS,
                    OPERATOR_PASSES,
                    OPERATOR_CATCHES_UP,
                    OPERATOR_DIES,
                    OPERATOR_PAUSES,
                    OPERATOR_LAGS -> processes.operator(event);
            case AGENT_LOOKS,
                    AGENT_ACTS,
                    AGENT_REPORTS,
                    AGENT_SEALS,
                    AGENT_CATCHES_UP,
                    AGENT_DIES,
                    AGENT_PAUSES,
                    AGENT_LOSES_API_SERVER,
                    AGENT_REACHES_API_SERVER,
                    SECOND_AGENT_STARTS -> processes.agent(event);
            case GUEST_WORKS, GUEST_ENDS -> guest(event);
            case STRATEGY_CHANGES, MIGRATION_IS_REQUESTED, MIGRATION_IS_CANCELLED -> user(event);
            case TIME_PASSES -> time();
            case ALL_GOES_WELL -> processes.allGoesWell();
            case MIGRATION_ADVANCES, LINK_IS_CUT, LINK_IS_MENDED -> network(event);
            case HOST_CRASHES, HOST_RETURNS, NODE_IS_FENCED, FENCE_IS_WITHDRAWN, DISK_IS_SAVED, DISK_IS_SET_BACK ->
                host(event);
            case WORD_IS_HELD_BACK,
                    WORD_ABOUT_A_TARGET_IS_HELD_BACK,
                    STATES_ARE_REMOVED_AFTER_A_FAILOVER,
                    DATA_AND_DISK_ARE_OF_ONE_NIGHT,
                    DATA_IS_OF_THE_DAYS_OF_A_REPAIR,
                    CLEARED_NODE_DIES -> processes.isAnyPaused() ? "" : scenes.play(event);
            case MACHINE_CHANGES,
                    DATA_DISKS_CHANGE,
                    CARDS_CHANGE,
                    DISK_GROWS,
                    NODE_IS_CORDONED,
                    NODES_ARE_UNCORDONED,
                    NODE_IS_DRAINED,
                    RESTART_IS_REQUESTED,
                    STATE_IS_APPROVED,
                    STATES_ARE_REMOVED,
                    VM_IS_DELETED,
                    VM_IS_RETAINED,
                    VM_IS_CREATED,
                    FENCE_IS_DELETED,
                    INCARNATION_IS_DELETED,
                    FIRST_STARTS_ARE_HINDERED,
                    FIRST_STARTS_SUCCEED,
                    KEY_IS_DELETED,
                    KEYS_ARE_PUT_BACK,
                    AN_HOUR_PASSES,
                    WORD_IS_GIVEN_ANEW -> administration.play(event);
            case BEACON_IS_MISSED, PROBE_HANGS, PROBES_GO_ON, CLOCK_STEPS -> disturbances.play(event);
            case CONTROLLER_CHANGES,
                    POWER_IS_TO_BE_CUT,
                    POWER_IS_TO_STAY,
                    CONTROLLER_IS_LATE,
                    FENCER_LAGS,
                    FENCER_CATCHES_UP,
                    HOST_IS_SILENT -> power.play(event);
            case VM_IS_SAVED, RESTORE_IS_APPROVED, VM_IS_RESTORED, VM_IS_COPIED, RESTORE_IS_WITHDRAWN ->
                restores.play(event);
            case HOST_IS_CUT_OFF, HOST_IS_BACK, WORD_IS_FALSE, FALSE_WORD_IS_BELIEVED -> lie(event);
            case BACKUP_IS_MADE, BACKUP_IS_RESTORED, NODE_IS_UNREGISTERED, STATUS_IS_LOST, OBJECTS_ARE_RECREATED ->
                records.play(event);
        };
    }

    private String guest(Event event) {
        List<GuestLedger.Place> running = cluster.ledger.running();
        if (running.isEmpty()) {
            return "";
        }
        if (event == Event.GUEST_WORKS) {
            cluster.ledger.work();
            return "everywhere";
        }
        GuestLedger.Place place = processes.one(running);
        cluster.power.mayLose(place.domain().vm());
        if (random.nextBoolean()) {
            place.host().hypervisor().powerOff(place.domain().vm());
        } else {
            place.host().hypervisor().crash(place.domain().vm());
        }
        return place.toString();
    }

    private String time() {
        Duration time = Duration.ofSeconds(1 + random.nextInt(60));
        cluster.pass(time);
        return time.toString();
    }

    private String user(Event event) {
        Optional<TrustedLaunchVM> vm = cluster.vm();
        if (vm.isEmpty()) {
            return "";
        }
        if (event == Event.STRATEGY_CHANGES) {
            RunStrategy strategy = random.nextInt(3) == 0 ? RunStrategy.Halted : RunStrategy.Always;
            cluster.users.changeStrategy(strategy);
            return cluster.name() + " " + strategy;
        }
        List<VMMigration> unfinished = unfinishedMigrations();
        if (event == Event.MIGRATION_IS_REQUESTED && unfinished.size() < 2) {
            String target =
                    random.nextBoolean() ? null : processes.one(cluster.hosts).name();
            return cluster.users.requestMigration(target).getMetadata().getName() + " of " + cluster.name() + " to "
                    + target;
        }
        if (event == Event.MIGRATION_IS_CANCELLED && !unfinished.isEmpty()) {
            VMMigration migration = processes.one(unfinished);
            cluster.server.delete(migration);
            return migration.getMetadata().getName();
        }
        return "";
    }

    private List<VMMigration> unfinishedMigrations() {
        return cluster.server
                .seen(VMMigration.class)
                .filter(migration ->
                        migration.getStatus() == null || migration.getStatus().completionTime() == null)
                .toList();
    }

    private String network(Event event) {
        switch (event) {
            case MIGRATION_ADVANCES -> {
                List<LiveMigration> underway = cluster.network.underway().toList();
                if (underway.isEmpty()) {
                    return "";
                }
                cluster.network.advance();
                for (Host host : cluster.hosts) {
                    if (host.acts() && !processes.isPaused(host) && host.agent().isPresent()) {
                        processes.runs(host, () -> {});
                    }
                }
                return underway.getFirst().stage().toString();
            }
            case LINK_IS_CUT -> {
                Host host = processes.one(cluster.hosts);
                Host other = processes.one(
                        cluster.hosts.stream().filter(one -> one != host).toList());
                cluster.network.cut(host, other);
                return "between " + host + " and " + other;
            }
            default -> cluster.network.mend();
        }
        return "between all hosts";
    }

    private String host(Event event) {
        Host host = processes.one(cluster.hosts);
        boolean happens = switch (event) {
            case HOST_CRASHES -> host.isOn() && crash(host);
            case HOST_RETURNS -> !host.isOn() && powerOn(host);
            case NODE_IS_FENCED -> !cluster.faults.isFenced(host) && fence(host);
            case FENCE_IS_WITHDRAWN -> cluster.faults.isFenced(host) && unfence(host);
            case DISK_IS_SAVED -> cluster.faults.saveDisk(host);
            default -> cluster.faults.setDiskBack(host);
        };
        return happens ? host.name() + guests(host) : "";
    }

    private String lie(Event event) {
        Host host = processes.one(cluster.hosts);
        if (!host.isOn() || processes.isPaused(host)) {
            return "";
        }
        lies.happen(event, host);
        if (event == Event.FALSE_WORD_IS_BELIEVED) {
            processes.allGoesWell(random.nextInt(25), Duration.ofSeconds(10));
        }
        return host.name() + guests(host);
    }

    private static String guests(Host host) {
        return host.hypervisor().domains().stream()
                .map(DomainInfo::identity)
                .toList()
                .toString();
    }

    private boolean crash(Host host) {
        cluster.faults.crash(host);
        return true;
    }

    private boolean powerOn(Host host) {
        host.powerOn();
        return true;
    }

    private boolean fence(Host host) {
        cluster.faults.fence(host, random.nextBoolean());
        return true;
    }

    private boolean unfence(Host host) {
        cluster.faults.unfence(host);
        return true;
    }

    /** Nothing happens by itself any more, and an administrator has put back what was deleted. */
    void rest() {
        power.rest();
        administration.putKeysBack();
    }

    Administration administration() {
        return administration;
    }
}
