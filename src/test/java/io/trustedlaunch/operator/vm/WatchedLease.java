package io.trustedlaunch.operator.vm;

import io.trustedlaunch.testkit.FakeApiServer;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeStatus.LastMark;
import io.trustedlaunch.api.ClusterNodeStatusBuilder;
import io.trustedlaunch.custody.Mark;
import io.trustedlaunch.operator.node.Leadership;
import io.trustedlaunch.testkit.Vms;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A history with the leader Lease: agents that are not cut off remember its marks, and answer its holder. */
final class WatchedLease {
    private final FakeCluster cluster;
    private final History history;
    private final FakeApiServer server;
    private final Map<String, Mark> remembered = new HashMap<>();
    private final Set<String> cutOff = new HashSet<>();
    private Optional<Mark> seen = Optional.empty();
    private Leadership leadership;
    private FakeOperator operator;
    private String leader;
    private int leaders;
    private long nanoTime;

    WatchedLease(FakeCluster cluster, History history) {
        this.cluster = cluster;
        this.history = history;
        this.server = history.server;
    }

    /** A new process holds the Lease. */
    FakeOperator lead(List<String> aliveNodes) {
        leader = "leader-" + ++leaders;
        Lease next = Leaderships.lease(leader);
        lease().ifPresent(held -> {
            next.getMetadata().setAnnotations(held.getMetadata().getAnnotations());
            server.delete(held);
        });
        server.createIfAbsent(next);
        leadership = Leaderships.over(server, leader, () -> nanoTime);
        operator = cluster.operator(server, leadership, aliveNodes);
        return operator;
    }

    Leadership leadership() {
        return leadership;
    }

    /** The agents that are not cut off answer the leader. */
    void answer() {
        inTouch().forEach(this::answer);
    }

    void answer(FakeAgent agent) {
        agent.answer(leader, Vms.UID);
        ClusterNode own = server.find(ClusterNode.class, agent.node()).orElseThrow();
        Mark mark = remembered.get(agent.node());
        own.setStatus(ClusterNodeStatusBuilder.builder(own.getStatus())
                .lastMark(new LastMark(leader, mark == null ? null : mark.toString()))
                .build());
        server.replaceStatus(own);
    }

    /** Its guest runs on. Its agent has seen the last mark, and misses the next one. */
    void cutOff(FakeAgent agent) {
        aMinutePasses();
        loses(agent);
        aMinutePasses();
    }

    void loses(FakeAgent agent) {
        cutOff.add(agent.node());
    }

    void reconnect(FakeAgent agent) {
        cutOff.remove(agent.node());
    }

    boolean isInTouch(FakeAgent agent) {
        return !cutOff.contains(agent.node());
    }

    List<FakeAgent> inTouch() {
        return history.agents.stream().filter(this::isInTouch).toList();
    }

    /** A pass over what the operator has in its cache. */
    void pass() {
        operator.pass();
        watch();
    }

    /** Operator and agents act in turns. */
    void play(int rounds) {
        for (int round = 0; round < rounds; round++) {
            operator.look();
            pass();
            inTouch().forEach(FakeAgent::act);
        }
    }

    /** The leader raises its mark. */
    void aMinutePasses() {
        nanoTime += Duration.ofMinutes(1).toNanos();
        leadership.raise();
        watch();
    }

    /** Whether the present leader knows that its data is current. */
    boolean raisesMarks() {
        Optional<Mark> before = mark();
        aMinutePasses();
        return !mark().equals(before);
    }

    /** Whoever can answer has done so. */
    void patienceEnds() {
        nanoTime += Duration.ofMinutes(1).toNanos();
    }

    FakeApiServer backup() {
        aMinutePasses();
        FakeApiServer backup = server.snapshot();
        aMinutePasses();
        return backup;
    }

    /** The present leader may live on, and renews the Lease of that time. */
    void restore(FakeApiServer backup) {
        server.restore(backup);
        seen = mark();
    }

    /** Agents see each mark that is raised at once, and forget the one before. */
    private void watch() {
        Optional<Mark> now = mark();
        now.filter(mark -> mark.number() > seen.map(Mark::number).orElse(0L))
                .ifPresent(mark -> inTouch().forEach(agent -> remembered.put(agent.node(), mark)));
        seen = now;
    }

    private Optional<Mark> mark() {
        return lease().map(held -> held.getMetadata().getAnnotations())
                .map(all -> all.get(Api.MARK))
                .flatMap(Mark::parse);
    }

    private Optional<Lease> lease() {
        return server.find(Lease.class, Leaderships.LEASE);
    }
}
