package io.trustedlaunch.operator.vm;

import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.process.PeriodicTasks;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Predicate;

/**
 * Triggers a pass over every VM when an agent stops or starts responding, since a missing heartbeat causes no event. It
 * concerns the VMs on the node, and those that could migrate there.
 */
final class AgentLivenessEventSource extends AbstractEventSource<Void, TrustedLaunchVM> {
    private static final Duration EVERY = Duration.ofSeconds(2);

    private final AgentLiveness liveness;
    private final Predicate<String> isNode;
    private final AffectedVms affected;
    private ScheduledExecutorService timer;

    /** @param isNode whether there is a ClusterNode of that name: the Lease of a removed one stays, and is silent after each start */
    AgentLivenessEventSource(AgentLiveness liveness, Predicate<String> isNode, AffectedVms affected) {
        super(Void.class, "agent-liveness");
        this.liveness = liveness;
        this.isNode = isNode;
        this.affected = affected;
    }

    @Override
    public synchronized void start() {
        super.start();
        timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("agent-liveness").factory());
        PeriodicTasks.start(timer, EVERY, EVERY, this::trigger);
    }

    @Override
    public synchronized void stop() {
        super.stop();
        timer.shutdownNow();
    }

    private void trigger() {
        if (liveness.changed().stream().noneMatch(isNode)) {
            return;
        }
        affected.all().forEach(vm -> getEventHandler().handleEvent(new Event(vm)));
    }

    @Override
    public Set<Void> getSecondaryResources(TrustedLaunchVM primary) {
        return Set.of();
    }
}
