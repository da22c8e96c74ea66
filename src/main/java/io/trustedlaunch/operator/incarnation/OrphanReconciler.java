package io.trustedlaunch.operator.incarnation;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.VMIncarnationSpec.VmRef;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.kube.StaleViewException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clears away incarnations without a VM. In the ordinary course there are none; an operator that was paused for minutes
 * can make one for a VM that was deleted meanwhile.
 */
@ControllerConfiguration(
        name = "orphan",
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class OrphanReconciler implements Reconciler<VMIncarnation> {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanReconciler.class);
    private static final Duration AFTER_A_CONFLICT = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final ResourceWriter writer;

    public OrphanReconciler(KubernetesClient client, ResourceWriter writer) {
        this.client = client;
        this.writer = writer;
    }

    @Override
    public UpdateControl<VMIncarnation> reconcile(VMIncarnation incarnation, Context<VMIncarnation> context) {
        try {
            carryOut(OrphanPlan.plan(incarnation, vmExists(incarnation.getSpec().vmRef())), incarnation);
            return UpdateControl.noUpdate();
        } catch (StaleViewException e) {
            return UpdateControl.<VMIncarnation>noUpdate().rescheduleAfter(AFTER_A_CONFLICT);
        }
    }

    /** Asks the API server: what a cache does not have may only be late. */
    private boolean vmExists(VmRef reference) {
        TrustedLaunchVM vm = client.resources(TrustedLaunchVM.class)
                .inNamespace(reference.namespace())
                .withName(reference.name())
                .get();
        return vm != null && vm.getMetadata().getUid().equals(reference.owner());
    }

    private void carryOut(OrphanPlan.Step step, VMIncarnation incarnation) {
        switch (step) {
            case LEAVE -> {}
            case ERASE -> {
                LOG.warn("{} has no VM and never ran: it is erased", name(incarnation));
                writer.mergeSpec(incarnation, erased());
            }
            case REMOVE -> {
                LOG.warn("{} has no VM and nothing is left of it: it is removed", name(incarnation));
                writer.delete(incarnation);
            }
        }
    }

    private static Map<String, Object> erased() {
        Map<String, Object> spec = new HashMap<>();
        spec.put("desiredState", DesiredState.Erased.name());
        spec.put("envelope", null);
        return spec;
    }

    private static String name(VMIncarnation incarnation) {
        return incarnation.getMetadata().getName();
    }
}
