package io.trustedlaunch.operator.backup;

import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.RestoreRun;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.kube.Reconciliation;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.vm.facts.RestoreRecord;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes a run unless it is that of a restore which a VM has on record and which has not ended. Its agent then clears up what
 * it has not committed.
 */
@ControllerConfiguration(
        name = "restorerun",
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class RestoreRunReconciler implements Reconciler<RestoreRun> {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreRunReconciler.class);

    private final String namespace;
    private final ApiReader reader;
    private final ResourceWriter writer;
    private InformerEventSource<TrustedLaunchVM, RestoreRun> vms;

    /** @param namespace the operator's own, where the runs are */
    public RestoreRunReconciler(String namespace, ApiReader reader, ResourceWriter writer) {
        this.namespace = namespace;
        this.reader = reader;
        this.writer = writer;
    }

    @Override
    public List<EventSource<?, RestoreRun>> prepareEventSources(EventSourceContext<RestoreRun> context) {
        vms = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(TrustedLaunchVM.class, RestoreRun.class)
                        // Not only in the namespace of the runs.
                        .withWatchAllNamespaces()
                        .withSecondaryToPrimaryMapper(vm -> new RestoreRecord(vm)
                                .last().map(restore -> new ResourceID(restore.uid(), namespace)).stream()
                                        .collect(Collectors.toSet()))
                        .withPrimaryToSecondaryMapper((RestoreRun run) -> Set.of())
                        .withOnAddFilter(backup -> false)
                        .build(),
                context);
        return List.of(vms);
    }

    @Override
    public UpdateControl<RestoreRun> reconcile(RestoreRun run, Context<RestoreRun> context) {
        if (Reconciliation.isGone(run, context)) {
            return UpdateControl.noUpdate();
        }
        return Reconciliation.of(() -> {
            over(
                    run,
                    vms.get(new ResourceID(
                            run.getSpec().vmRef().name(), run.getSpec().vmRef().namespace())));
            return Optional.empty();
        });
    }

    /**
     * One pass over a run.
     *
     * @param watched its VM, as the watch has it
     */
    void over(RestoreRun run, Optional<TrustedLaunchVM> watched) {
        // Caches may be late.
        if (isWanted(run, watched)
                || isWanted(
                        run,
                        reader.vm(
                                run.getSpec().vmRef().namespace(),
                                run.getSpec().vmRef().name()))) {
            return;
        }
        LOG.info(
                "VM {}/{}: removing RestoreRun {}, which has ended or is on no record",
                run.getSpec().vmRef().namespace(),
                run.getSpec().vmRef().name(),
                run.getMetadata().getName());
        writer.delete(run);
    }

    private static boolean isWanted(RestoreRun run, Optional<TrustedLaunchVM> vm) {
        return vm.filter(found -> found.getMetadata()
                        .getUid()
                        .equals(run.getSpec().vmRef().owner()))
                .flatMap(found -> new RestoreRecord(found).open())
                .filter(open -> open.uid().equals(run.getMetadata().getName()))
                .filter(open -> open.nodeName().equals(run.getSpec().nodeName()))
                .isPresent();
    }
}
