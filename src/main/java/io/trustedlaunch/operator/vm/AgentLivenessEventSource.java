package io.trustedlaunch.operator.vm;

import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.periodic.Periodic;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Wakes the VMs when an agent fell silent or came back: silence makes no event of its own. All of them: what is on the
 * node, and what could have moved there.
 */
final class AgentLivenessEventSource extends AbstractEventSource<Void, TrustedLaunchVM> {
    private static final Duration EVERY = Duration.ofSeconds(2);

    private final AgentLiveness liveness;
    private final AffectedVms waking;
    private ScheduledExecutorService timer;

    AgentLivenessEventSource(AgentLiveness liveness, AffectedVms waking) {
        super(Void.class, "agent-liveness");
        this.liveness = liveness;
        this.waking = waking;
    }

    @Override
    public synchronized void start() {
        super.start();
        timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("agent-liveness").factory());
        Periodic.start(timer, EVERY, EVERY, this::wake);
    }

    @Override
    public synchronized void stop() {
        super.stop();
        timer.shutdownNow();
    }

    private void wake() {
        if (liveness.changed().isEmpty()) {
            return;
        }
        waking.all().forEach(vm -> getEventHandler().handleEvent(new Event(vm)));
    }

    @Override
    public Set<Void> getSecondaryResources(TrustedLaunchVM primary) {
        return Set.of();
    }
}
