package io.trustedlaunch.operator.vm;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.Reconciliation;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The controller of TrustedLaunchVMs. */
@ControllerConfiguration(
        name = "vm",
        // The planner adds its own finalizer, and steps follow from other objects.
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 1000, maxInterval = 60_000)
public final class VmReconciler implements Reconciler<TrustedLaunchVM> {
    private final VmDependencies dependencies;
    private VmPass pass;

    public VmReconciler(VmDependencies dependencies) {
        this.dependencies = dependencies;
    }

    @Override
    public List<EventSource<?, TrustedLaunchVM>> prepareEventSources(EventSourceContext<TrustedLaunchVM> context) {
        VmEventSources sources = new VmEventSources(context, dependencies);
        pass = dependencies.pass(sources);
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
