package io.trustedlaunch.operator.incarnation;

import io.fabric8.kubernetes.api.model.Secret;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.VmRef;
import io.trustedlaunch.api.vm.ProtectionKeySecret;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.operator.incarnation.OrphanPlan.Holder;
import io.trustedlaunch.operator.kube.ApiReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes incarnations without a VM. An incarnation of a deleted VM remains if its node was lost; and an operator that was
 * paused for minutes can create one for a VM that has been deleted since.
 */
@ControllerConfiguration(
        name = "orphan",
        triggerReconcilerOnAllEvents = true,
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class OrphanReconciler implements Reconciler<VMIncarnation>, MeterBinder {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanReconciler.class);

    private final ApiReader reader;
    private final ResourceWriter writer;
    private final Set<String> reported = ConcurrentHashMap.newKeySet();
    private WatchCache<TrustedLaunchVM> vms;

    public OrphanReconciler(ApiReader reader, ResourceWriter writer) {
        this.reader = reader;
        this.writer = writer;
    }

    @Override
    public List<EventSource<?, VMIncarnation>> prepareEventSources(EventSourceContext<VMIncarnation> context) {
        Watches<VMIncarnation> watches = new Watches<>(context);
        // Only its deletion makes orphans, and its return, by recovery, ends that.
        vms = watches.of(TrustedLaunchVM.class)
                .inAllNamespaces()
                .onAddIf(vm -> !reported.isEmpty())
                .onNoUpdate()
                .triggersMatching(
                        (vm, incarnation) -> isOwner(vm, incarnation.getSpec().vmRef()));
        return watches.all();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("trusted.launch.orphaned.incarnations", reported, Set::size)
                .description("VMIncarnations with a guest, or disks and a TPM, whose VM does not exist")
                .register(registry);
    }

    @Override
    public UpdateControl<VMIncarnation> reconcile(VMIncarnation incarnation, Context<VMIncarnation> context) {
        if (Reconciliation.isGone(incarnation, context)) {
            reported.remove(name(incarnation));
            return UpdateControl.noUpdate();
        }
        VmRef reference = incarnation.getSpec().vmRef();
        return Reconciliation.of(() -> {
            over(incarnation, vms.get(reference.namespace(), reference.name()));
            return Optional.empty();
        });
    }

    /**
     * One pass over an incarnation.
     *
     * @param watched the VM of its VM's name, as the watch has it
     */
    public void over(VMIncarnation incarnation, Optional<TrustedLaunchVM> watched) {
        if (watched.filter(vm -> isOwner(vm, incarnation.getSpec().vmRef())).isPresent()) {
            reported.remove(name(incarnation));
            return;
        }
        OrphanPlan.Step step = OrphanPlan.plan(incarnation, holder(incarnation));
        if (step != OrphanPlan.Step.TELL) {
            reported.remove(name(incarnation));
        }
        if (step != OrphanPlan.Step.LEAVE && isUpToDate(incarnation)) {
            carryOut(step, incarnation);
        }
    }

    /** Read from the API server: caches may be late. */
    private Holder holder(VMIncarnation incarnation) {
        VmRef reference = incarnation.getSpec().vmRef();
        if (vmExists(reference)) {
            return Holder.VM;
        }
        Optional<Secret> key =
                reader.secret(incarnation.getMetadata().getNamespace(), ProtectionKeySecret.nameFor(reference.uid()));
        if (annotation(key, Api.RETAINED_VM).isEmpty()) {
            return Holder.NONE;
        }
        return annotation(key, Api.TAKEN_OVER_BY)
                .map(holder -> holder.equals(reference.owner()) ? Holder.NONE : Holder.VM)
                .orElse(Holder.RETAINED);
    }

    /** The VM's controller removes the incarnation before the VM; the cache may not show that yet. */
    private boolean isUpToDate(VMIncarnation incarnation) {
        return reader.incarnation(
                        incarnation.getMetadata().getNamespace(),
                        incarnation.getMetadata().getName())
                .filter(now -> now.getMetadata()
                        .getResourceVersion()
                        .equals(incarnation.getMetadata().getResourceVersion()))
                .isPresent();
    }

    private static Optional<String> annotation(Optional<Secret> secret, String name) {
        return secret.map(found -> found.getMetadata().getAnnotations()).map(annotations -> annotations.get(name));
    }

    private boolean vmExists(VmRef reference) {
        return reader.vm(reference.namespace(), reference.name())
                .filter(vm -> isOwner(vm, reference))
                .isPresent();
    }

    private static boolean isOwner(TrustedLaunchVM vm, VmRef reference) {
        return vm.getMetadata().getUid().equals(reference.owner());
    }

    private void carryOut(OrphanPlan.Step step, VMIncarnation incarnation) {
        switch (step) {
            case LEAVE -> {}
            case TELL -> tell(incarnation);
            case STOP -> {
                LOG.warn("{} has no VM: asking its agent to stop it", name(incarnation));
                writer.mergeSpec(incarnation, Map.of("desiredState", DesiredState.Stopped.name()));
            }
            case ERASE -> {
                LOG.warn("{} has no VM and never ran: erasing it", name(incarnation));
                writer.mergeSpec(incarnation, erased());
            }
            case REMOVE_ENVELOPE -> writer.mergeSpec(incarnation, withoutEnvelope());
            case REMOVE -> {
                LOG.warn("{} has no VM and nothing is left on its node: deleting it", name(incarnation));
                writer.delete(incarnation);
            }
        }
    }

    /** Reports it once, as long as nothing changes. */
    private void tell(VMIncarnation incarnation) {
        if (!reported.add(name(incarnation))) {
            return;
        }
        VmRef vm = incarnation.getSpec().vmRef();
        String message = "its VM " + vm.namespace() + "/" + vm.name() + " with UID " + vm.uid()
                + " does not exist, and on " + incarnation.getSpec().nodeName()
                + " are its guest, or its disks and its TPM. Nothing is stopped or removed, since the API server may have lost"
                + " the VM: recover it (docs/recovery.md); or, if it was deleted, remove what is left with"
                + " spec.desiredState: Erased";
        LOG.warn("{}: {}", name(incarnation), message);
        writer.event(incarnation, EventDraft.warning(Reason.OrphanedIncarnation, message));
    }

    private static Map<String, Object> erased() {
        Map<String, Object> spec = withoutEnvelope();
        spec.put("desiredState", DesiredState.Erased.name());
        return spec;
    }

    private static Map<String, Object> withoutEnvelope() {
        Map<String, Object> spec = new HashMap<>();
        spec.put("envelope", null);
        return spec;
    }

    private static String name(VMIncarnation incarnation) {
        return incarnation.getMetadata().getName();
    }
}
