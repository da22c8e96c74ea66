package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.hypervisor.DomainInfo;
import io.trustedlaunch.agent.hypervisor.LiveMigration;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.RunStrategy;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.operator.vm.FakeOperator;
import io.trustedlaunch.testkit.FakeApiServer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/** Carries out the events of a schedule; what each concerns is drawn by lot. */
final class EventPlayer {
    private static final int MOST_FAILPOINTS = 14;
    private static final int LONGEST_PAUSE = 10;
    private static final int OLDEST_CACHE = 60;

    private final ClusterUnderTest cluster;
    private final Random random;
    private final Schedule schedule;
    private final Lies lies;
    private final Scenes scenes;
    private final Administration administration;
    private final Disturbances disturbances;
    private final PowerEvents power;
    private final RestoreEvents restores;
    private Optional<OperatorProcess> pausedOperator = Optional.empty();
    private final Deque<FakeApiServer> past = new ArrayDeque<>();
    private Optional<FakeApiServer> backup = Optional.empty();
    private Optional<Host> paused = Optional.empty();

    EventPlayer(ClusterUnderTest cluster, Random random, Schedule schedule) {
        this.cluster = cluster;
        this.random = random;
        this.schedule = schedule;
        this.lies = new Lies(cluster.faults, random);
        this.scenes = new Scenes(cluster, random, this);
        this.administration = new Administration(cluster, random, this);
        this.disturbances = new Disturbances(cluster, random);
        this.power = new PowerEvents(cluster, random, this);
        this.restores = new RestoreEvents(cluster, random, this);
    }

    /** @return what it concerned; empty: nothing happened */
    String happen(Event event) {
        remember();
        cluster.turnTo(one(cluster.names()));
        return switch (event) {
            case OPERATOR_LOOKS,
                    OPERATOR_LOOKS_AT_SOME_KINDS,
                    OPERATOR_PASSES,
                    OPERATOR_CATCHES_UP,
                    OPERATOR_DIES,
                    OPERATOR_PAUSES,
                    OPERATOR_LAGS -> operator(event);
            case AGENT_LOOKS,
                    AGENT_ACTS,
                    AGENT_REPORTS,
                    AGENT_SEALS,
                    AGENT_CATCHES_UP,
                    AGENT_DIES,
                    AGENT_PAUSES,
                    AGENT_LOSES_API_SERVER,
                    AGENT_REACHES_API_SERVER,
                    SECOND_AGENT_STARTS -> agent(event);
            case GUEST_WORKS, GUEST_ENDS -> guest(event);
            case STRATEGY_CHANGES, MIGRATION_IS_REQUESTED, MIGRATION_IS_CANCELLED -> user(event);
            case TIME_PASSES -> time();
            case ALL_GOES_WELL -> allGoesWell();
            case MIGRATION_ADVANCES, LINK_IS_CUT, LINK_IS_MENDED -> network(event);
            case HOST_CRASHES, HOST_RETURNS, NODE_IS_FENCED, FENCE_IS_WITHDRAWN, DISK_IS_SAVED, DISK_IS_SET_BACK ->
                host(event);
            case WORD_IS_HELD_BACK,
                    WORD_ABOUT_A_TARGET_IS_HELD_BACK,
                    STATES_ARE_REMOVED_AFTER_A_FAILOVER,
                    DATA_AND_DISK_ARE_OF_ONE_NIGHT,
                    DATA_IS_OF_THE_DAYS_OF_A_REPAIR,
                    CLEARED_NODE_DIES -> isAnyPaused() ? "" : scenes.play(event);
            case MACHINE_CHANGES,
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
            case VM_IS_SAVED, RESTORE_IS_APPROVED, VM_IS_RESTORED, RESTORE_IS_WITHDRAWN -> restores.play(event);
            case HOST_IS_CUT_OFF, HOST_IS_BACK, WORD_IS_FALSE, FALSE_WORD_IS_BELIEVED -> lie(event);
            case BACKUP_IS_MADE, BACKUP_IS_RESTORED, NODE_IS_UNREGISTERED, STATUS_IS_LOST, OBJECTS_ARE_RECREATED ->
                record(event);
        };
    }

    private void remember() {
        past.addLast(cluster.server.snapshot());
        if (past.size() > OLDEST_CACHE) {
            past.removeFirst();
        }
    }

    private String operator(Event event) {
        OperatorProcess operator = one(cluster.operators());
        if (pausedOperator.equals(Optional.of(operator))) {
            return "";
        }
        switch (event) {
            case OPERATOR_PAUSES -> pauses(operator);
            case OPERATOR_LOOKS -> look(operator);
            case OPERATOR_LOOKS_AT_SOME_KINDS -> {
                int some = random.nextInt();
                operator.look(
                        kind -> (some >> Math.floorMod(kind.getSimpleName().hashCode(), 31) & 1) == 1);
            }
            case OPERATOR_PASSES -> operator.pass();
            case OPERATOR_CATCHES_UP -> catchUp(operator);
            case OPERATOR_DIES -> {
                operator.writer().dieAround(1 + random.nextInt(3), random.nextBoolean());
                operator.look();
                try {
                    operator.pass();
                    operator.pass();
                } catch (FakeOperator.Crash crash) {
                    schedule.tell("died");
                }
                cluster.succeed(operator);
            }
            default -> {
                int age = random.nextInt(past.size());
                cluster.succeed(operator)
                        .lookAt(past.stream()
                                .skip(past.size() - 1L - age)
                                .findFirst()
                                .orElseThrow());
            }
        }
        return operator.identity();
    }

    private String agent(Event event) {
        Host host = one(cluster.hosts);
        if (!host.acts() || paused.equals(Optional.of(host))) {
            return "";
        }
        AgentProcess agent = host.startAgent();
        switch (event) {
            case AGENT_LOOKS -> agent.look();
            case AGENT_ACTS -> runs(host, agent::act);
            case AGENT_REPORTS ->
                unlessUnreachable(() -> agent.report(cluster.leader().identity()));
            case AGENT_SEALS -> runs(host, agent::seal);
            case AGENT_CATCHES_UP -> catchUp(host);
            case AGENT_DIES -> dies(host, agent);
            case AGENT_PAUSES -> pauses(host, agent);
            case SECOND_AGENT_STARTS -> host.refuseSecondAgent();
            case AGENT_LOSES_API_SERVER -> agent.cutOffFromApiServer(true);
            default -> agent.cutOffFromApiServer(false);
        }
        cluster.clock.pass(Duration.ofSeconds(1));
        return host.name();
    }

    /** Others go on while it stands still before a write, and it does not know. */
    private void pauses(OperatorProcess operator) {
        if (isAnyPaused()) {
            return;
        }
        pausedOperator = Optional.of(operator);
        look(operator);
        int[] writes = {1 + random.nextInt(3)};
        operator.writer().beforeEachWrite(() -> {
            if (--writes[0] == 0) {
                schedule.tell(operator.identity() + " pauses");
                playSome();
                schedule.tell(operator.identity() + " goes on");
            }
        });
        operator.pass();
        operator.writer().beforeEachWrite(() -> {});
        pausedOperator = Optional.empty();
    }

    private boolean isAnyPaused() {
        return paused.isPresent() || pausedOperator.isPresent();
    }

    boolean isPaused(Host host) {
        return paused.equals(Optional.of(host));
    }

    /** Nothing happens by itself any more, and an administrator has put back what was deleted. */
    void rest() {
        power.rest();
        administration.putKeysBack();
    }

    void playSome() {
        int events = 1 + random.nextInt(LONGEST_PAUSE);
        for (int event = 0; event < events; event++) {
            schedule.next();
        }
    }

    private void look(OperatorProcess operator) {
        operator.look();
        cluster.power.looked(operator);
    }

    void catchUp(OperatorProcess operator) {
        if (pausedOperator.equals(Optional.of(operator))) {
            return;
        }
        look(operator);
        operator.pass();
    }

    void catchUp(Host host) {
        AgentProcess agent = host.startAgent();
        agent.look();
        unlessUnreachable(() -> agent.report(cluster.leader().identity()));
        runs(host, agent::act);
        host.agent().ifPresent(AgentProcess::seal);
        // Before any agent looks at its guests again.
        cluster.check();
    }

    private String allGoesWell() {
        return allGoesWell(1 + random.nextInt(4), Duration.ofSeconds(5));
    }

    String allGoesWell(int rounds, Duration rest) {
        for (int round = 0; round < rounds; round++) {
            catchUp(cluster.leader());
            cluster.hosts.stream()
                    .filter(host -> host.acts() && !paused.equals(Optional.of(host)))
                    .forEach(this::catchUp);
            cluster.pass(rest);
            cluster.network.react();
            cluster.check();
        }
        return rounds + " times";
    }

    void runs(Host host, Runnable act) {
        try {
            act.run();
            host.agent().ifPresent(agent -> agent.migrations().learn());
        } catch (Died died) {
            schedule.tell(host.name() + ": agent died at " + died.getMessage());
            host.killAgent();
            if (random.nextBoolean()) {
                cluster.network.breakMigrationsThrough(host);
            }
        }
    }

    static void unlessUnreachable(Runnable act) {
        try {
            act.run();
        } catch (KubernetesClientException e) {
            // It tries again later.
        }
    }

    private void dies(Host host, AgentProcess agent) {
        agent.atFailpoint(afterSome(point -> {
            throw new Died(point.id());
        }));
        if (random.nextBoolean()) {
            agent.look();
        }
        runs(host, agent::act);
        agent.atFailpoint(point -> {});
    }

    /** Others go on while it stands still in the middle of a pass. */
    private void pauses(Host host, AgentProcess agent) {
        if (isAnyPaused()) {
            return;
        }
        paused = Optional.of(host);
        agent.atFailpoint(afterSome(point -> {
            schedule.tell(host.name() + ": agent pauses at " + point.id());
            playSome();
            schedule.tell(host.name() + ": agent goes on");
            if (!host.agent().equals(Optional.of(agent))) {
                throw new Died(point.id());
            }
        }));
        runs(host, agent::act);
        agent.atFailpoint(point -> {});
        paused = Optional.empty();
    }

    private Consumer<Failpoint> afterSome(Consumer<Failpoint> act) {
        int[] left = {1 + random.nextInt(MOST_FAILPOINTS)};
        return point -> {
            if (--left[0] == 0) {
                act.accept(point);
            }
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
        GuestLedger.Place place = one(running);
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
            cluster.changeStrategy(strategy);
            return cluster.name() + " " + strategy;
        }
        List<VMMigration> unfinished = unfinishedMigrations();
        if (event == Event.MIGRATION_IS_REQUESTED && unfinished.size() < 2) {
            String target = random.nextBoolean() ? null : one(cluster.hosts).name();
            return cluster.requestMigration(target).getMetadata().getName() + " of " + cluster.name() + " to " + target;
        }
        if (event == Event.MIGRATION_IS_CANCELLED && !unfinished.isEmpty()) {
            VMMigration migration = one(unfinished);
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

    void forgetBackup() {
        backup = Optional.empty();
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
                    if (host.acts()
                            && !paused.equals(Optional.of(host))
                            && host.agent().isPresent()) {
                        runs(host, () -> {});
                    }
                }
                return underway.getFirst().stage().toString();
            }
            case LINK_IS_CUT -> {
                Host host = one(cluster.hosts);
                Host other =
                        one(cluster.hosts.stream().filter(one -> one != host).toList());
                cluster.network.cut(host, other);
                return "between " + host + " and " + other;
            }
            default -> cluster.network.mend();
        }
        return "between all hosts";
    }

    Administration administration() {
        return administration;
    }

    void tell(String what) {
        schedule.tell(what);
    }

    private String host(Event event) {
        Host host = one(cluster.hosts);
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
        Host host = one(cluster.hosts);
        if (!host.isOn() || paused.equals(Optional.of(host))) {
            return "";
        }
        lies.happen(event, host);
        if (event == Event.FALSE_WORD_IS_BELIEVED) {
            allGoesWell(random.nextInt(25), Duration.ofSeconds(10));
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

    private String record(Event event) {
        return switch (event) {
            case BACKUP_IS_MADE -> {
                // Without the key of the VM, a backup would be useless; without a ClusterNode, it would give that host
                // up.
                if (!cluster.faults.areAllRegistered()
                        || cluster.server
                                .find(Secret.class, cluster.identity().toString())
                                .isEmpty()) {
                    yield "";
                }
                backup = Optional.of(cluster.server.snapshot());
                yield "now";
            }
            case BACKUP_IS_RESTORED -> {
                backup.ifPresent(cluster.faults::restore);
                yield backup.map(snapshot -> "of the API server").orElse("");
            }
            case OBJECTS_ARE_RECREATED -> {
                // Each is another VM with another TPM.
                Optional<FakeApiServer> once = backup.filter(made -> !cluster.faults.hasRecreated());
                once.ifPresent(cluster.faults::recreateFrom);
                yield once.map(made -> "from the backup").orElse("");
            }
            case NODE_IS_UNREGISTERED -> {
                Host host = one(cluster.hosts);
                yield cluster.faults.deleteClusterNode(host) ? host.name() : "";
            }
            default -> loseStatus();
        };
    }

    private String loseStatus() {
        if (random.nextInt(8) == 0) {
            cluster.server.all(StorageLocation.class).forEach(cluster.faults::loseStatus);
            return "all StorageLocations";
        }
        List<? extends HasMetadata> objects = random.nextBoolean()
                ? cluster.server.seen(VMIncarnation.class).toList()
                : random.nextBoolean()
                        ? cluster.server.seen(TrustedLaunchVM.class).toList()
                        : cluster.server.seen(ClusterNode.class).toList();
        if (objects.isEmpty()) {
            return "";
        }
        HasMetadata object = one(objects);
        cluster.faults.loseStatus(object);
        return object.getKind() + " " + object.getMetadata().getName();
    }

    <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
