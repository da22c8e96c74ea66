package io.trustedlaunch.protocol;

import io.fabric8.kubernetes.client.KubernetesClientException;
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

/** What operators and agents do, each in its turn, and what interrupts them. */
final class ProcessEvents {
    private static final int MOST_FAILPOINTS = 14;
    private static final int LONGEST_PAUSE = 10;
    private static final int OLDEST_CACHE = 60;

    private final ClusterUnderTest cluster;
    private final Random random;
    private final Schedule schedule;
    private final Deque<FakeApiServer> past = new ArrayDeque<>();
    private Optional<OperatorProcess> pausedOperator = Optional.empty();
    private Optional<Host> paused = Optional.empty();

    ProcessEvents(ClusterUnderTest cluster, Random random, Schedule schedule) {
        this.cluster = cluster;
        this.random = random;
        this.schedule = schedule;
    }

    /** As an outdated replica of the API server may have it later. */
    void remember() {
        past.addLast(cluster.server.snapshot());
        if (past.size() > OLDEST_CACHE) {
            past.removeFirst();
        }
    }

    /** @return which; empty: nothing happened */
    String operator(Event event) {
        OperatorProcess operator = one(cluster.operators.all());
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
                cluster.operators.succeed(operator);
            }
            default -> {
                int age = random.nextInt(past.size());
                cluster.operators
                        .succeed(operator)
                        .lookAt(past.stream()
                                .skip(past.size() - 1L - age)
                                .findFirst()
                                .orElseThrow());
            }
        }
        return operator.identity();
    }

    /** @return its host; empty: nothing happened */
    String agent(Event event) {
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

    boolean isAnyPaused() {
        return paused.isPresent() || isOperatorPaused();
    }

    /** What it has read may be outdated when it writes. */
    boolean isOperatorPaused() {
        return pausedOperator.isPresent();
    }

    boolean isPaused(Host host) {
        return paused.equals(Optional.of(host));
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

    /** Unless it has no power, or its agent is in the middle of a pass. */
    void catchUp(Host host) {
        if (!host.acts() || isPaused(host)) {
            return;
        }
        AgentProcess agent = host.startAgent();
        agent.look();
        unlessUnreachable(() -> agent.report(cluster.leader().identity()));
        runs(host, agent::act);
        host.agent().ifPresent(AgentProcess::seal);
        // Before any agent looks at its guests again.
        cluster.check();
    }

    String allGoesWell() {
        return allGoesWell(1 + random.nextInt(4), Duration.ofSeconds(5));
    }

    String allGoesWell(int rounds, Duration rest) {
        for (int round = 0; round < rounds; round++) {
            catchUp(cluster.leader());
            cluster.hosts.forEach(this::catchUp);
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

    void tell(String what) {
        schedule.tell(what);
    }

    <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
