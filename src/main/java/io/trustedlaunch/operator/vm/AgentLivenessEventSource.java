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

/**
 * Triggers a pass over every VM when an agent stops or starts responding, since a missing heartbeat causes no event. It
 * concerns the VMs on the node, and those that could migrate there.
 */
final class AgentLivenessEventSource extends AbstractEventSource<Void, TrustedLaunchVM> {
    private static final Duration EVERY = Duration.ofSeconds(2);

    private final AgentLiveness liveness;
    private final AffectedVms affected;
    private ScheduledExecutorService timer;

    AgentLivenessEventSource(AgentLiveness liveness, AffectedVms affected) {
        super(Void.class, "agent-liveness");
        this.liveness = liveness;
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
        if (liveness.changed().isEmpty()) {
            return;
        }
        affected.all().forEach(vm -> getEventHandler().handleEvent(new Event(vm)));
    }

    @Override
    public Set<Void> getSecondaryResources(TrustedLaunchVM primary) {
        return Set.of();
    }
}
