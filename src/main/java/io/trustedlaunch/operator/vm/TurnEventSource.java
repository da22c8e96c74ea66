package io.trustedlaunch.operator.vm;

import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import java.util.Set;

/** Triggers a pass over a VM whose turn it may be ({@link FailoverQueue}). */
final class TurnEventSource extends AbstractEventSource<Void, TrustedLaunchVM> {
    TurnEventSource() {
        super(Void.class, "turn");
    }

    void isTurnOf(TrustedLaunchVM vm) {
        getEventHandler().handleEvent(new Event(ResourceID.fromResource(vm)));
    }

    @Override
    public Set<Void> getSecondaryResources(TrustedLaunchVM primary) {
        return Set.of();
    }
}
