package io.trustedlaunch.operator.vm;

import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.vm.TrustedLaunchVM;

/** The watch on incarnations, which keeps account of what they have allocated. */
final class IncarnationEventSource extends InformerEventSource<VMIncarnation, TrustedLaunchVM> {
    private final Allocations allocations;

    IncarnationEventSource(
            InformerEventSourceConfiguration<VMIncarnation> configuration,
            EventSourceContext<TrustedLaunchVM> context,
            Allocations allocations) {
        super(configuration, context);
        this.allocations = allocations;
    }

    /** The first pass comes after the list, but perhaps before the events of its objects. */
    @Override
    public synchronized void start() {
        super.start();
        allocations.listed(list(incarnation -> true).toList());
    }

    @Override
    public synchronized void onAdd(VMIncarnation incarnation) {
        allocations.seen(incarnation);
        super.onAdd(incarnation);
    }

    @Override
    public synchronized void onUpdate(VMIncarnation before, VMIncarnation incarnation) {
        allocations.seen(incarnation);
        super.onUpdate(before, incarnation);
    }

    @Override
    public synchronized void onDelete(VMIncarnation incarnation, boolean isStale) {
        allocations.gone(incarnation);
        super.onDelete(incarnation, isStale);
    }
}
