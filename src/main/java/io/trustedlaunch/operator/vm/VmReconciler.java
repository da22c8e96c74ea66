package io.trustedlaunch.operator.vm;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.operator.kube.Reconciliation;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One pass over a VM: gather, plan, write the status, carry out, say when to look again. */
@ControllerConfiguration(
        name = "vm",
        // A finalizer of our own, and steps that follow from what other objects say.
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 1000, maxInterval = 60_000)
public final class VmReconciler implements Reconciler<TrustedLaunchVM> {
    private final VmDependencies room;
    private VmPass pass;

    public VmReconciler(VmDependencies room) {
        this.room = room;
    }

    @Override
    public List<EventSource<?, TrustedLaunchVM>> prepareEventSources(EventSourceContext<TrustedLaunchVM> context) {
        VmEventSources sources = new VmEventSources(context, room);
        pass = room.pass(sources);
        return sources.all();
    }

    @Override
    public UpdateControl<TrustedLaunchVM> reconcile(TrustedLaunchVM vm, Context<TrustedLaunchVM> context) {
        if (context.isPrimaryResourceDeleted()) {
            pass.forget(vm);
            return UpdateControl.noUpdate();
        }
        return Reconciliation.of(() -> pass.over(vm));
    }
}
