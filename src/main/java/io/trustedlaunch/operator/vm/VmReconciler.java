package io.trustedlaunch.operator.vm;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.operator.kube.StaleViewException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The controller of TrustedLaunchVMs. */
@ControllerConfiguration(
        name = "vm",
        // The planner adds its own finalizer, and steps follow from other objects.
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 1000, maxInterval = 60_000)
public final class VmReconciler implements Reconciler<TrustedLaunchVM>, VmSight {
    private static final Logger LOG = LoggerFactory.getLogger(VmReconciler.class);

    private static final Duration AFTER_A_CONFLICT = Duration.ofMillis(300);

    private final VmDependencies dependencies;

    /** Set when the controllers start, and read by other threads. */
    private volatile VmPass pass;

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
        try {
            return lookAgain(pass.over(vm));
        } catch (StaleViewException e) {
            LOG.debug("Looking again: {}", e.getMessage());
            return lookAgain(Optional.of(AFTER_A_CONFLICT));
        }
    }

    @Override
    public Optional<Problem> hindrance(TrustedLaunchVM vm, VMMigration migration) {
        if (pass == null) {
            throw new StaleViewException("the caches of VMs are not ready yet");
        }
        return pass.hindrance(vm, migration);
    }

    private static UpdateControl<TrustedLaunchVM> lookAgain(Optional<Duration> after) {
        UpdateControl<TrustedLaunchVM> control = UpdateControl.noUpdate();
        after.ifPresent(control::rescheduleAfter);
        return control;
    }
}
