package io.trustedlaunch.operator.quota;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelector;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.TrustedLaunchVM;
import io.trustedlaunch.api.VMBackup;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.api.VMMigration;
import io.trustedlaunch.api.VMQuota;
import io.trustedlaunch.operator.kube.Reconciliation;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.kube.StatusRecorder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Gathers in the status of each quota what its namespace takes. No VM causes a write. */
@ControllerConfiguration(
        name = "quota",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class QuotaReconciler implements Reconciler<VMQuota> {
    /** So a burst of starts costs a write or two. */
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    /** Another name than those of other controllers' indexes of the same objects. */
    private static final String BY_NAMESPACE = "quota/namespace";

    private final String namespace;
    private final StatusRecorder recorder;
    private InformerEventSource<TrustedLaunchVM, VMQuota> vms;
    private InformerEventSource<VMMigration, VMQuota> migrations;
    private InformerEventSource<VMBackup, VMQuota> backups;
    private InformerEventSource<Secret, VMQuota> keys;
    private InformerEventSource<VMIncarnation, VMQuota> incarnations;

    /** @param namespace the operator's own */
    public QuotaReconciler(String namespace, ResourceWriter writer) {
        this.namespace = namespace;
        this.recorder = new StatusRecorder(writer);
    }

    @Override
    public List<EventSource<?, VMQuota>> prepareEventSources(EventSourceContext<VMQuota> context) {
        vms = source(watching(TrustedLaunchVM.class), QuotaReconciler::own, context);
        migrations = source(watching(VMMigration.class), QuotaReconciler::own, context);
        backups = source(watching(VMBackup.class), QuotaReconciler::own, context);
        keys = source(
                watching(Secret.class)
                        .withNamespaces(namespace)
                        .withFieldSelector(
                                new FieldSelector(List.of(new FieldSelector.Field("type", Api.PROTECTION_KEY_TYPE)))),
                RetainedFiles::namespace,
                context);
        incarnations = source(watching(VMIncarnation.class).withNamespaces(namespace), LeftFiles::namespace, context);
        return List.of(vms, migrations, backups, keys, incarnations);
    }

    private static Optional<String> own(HasMetadata object) {
        return Optional.of(object.getMetadata().getNamespace());
    }

    private static <R extends HasMetadata> InformerEventSourceConfiguration.Builder<R> watching(Class<R> kind) {
        return InformerEventSourceConfiguration.from(kind, VMQuota.class)
                .withSecondaryToPrimaryMapper(object -> Set.of())
                .withPrimaryToSecondaryMapper((VMQuota quota) -> Set.of());
    }

    private static <R extends HasMetadata> InformerEventSource<R, VMQuota> source(
            InformerEventSourceConfiguration.Builder<R> configuration,
            Function<R, Optional<String>> namespace,
            EventSourceContext<VMQuota> context) {
        InformerEventSource<R, VMQuota> source = new InformerEventSource<>(configuration.build(), context);
        source.addIndexers(
                Map.of(BY_NAMESPACE, object -> namespace.apply(object).stream().toList()));
        return source;
    }

    @Override
    public UpdateControl<VMQuota> reconcile(VMQuota quota, Context<VMQuota> context) {
        return Reconciliation.of(() -> {
            recorder.record(
                    quota, QuotaStatus.of(quota, use(quota.getMetadata().getNamespace())), VMQuota::new, context);
            return Optional.of(INTERVAL);
        });
    }

    private Use use(String of) {
        return new NamespaceUse(
                        vms.byIndex(BY_NAMESPACE, of),
                        migrations.byIndex(BY_NAMESPACE, of),
                        new OwnerlessFiles(keys.byIndex(BY_NAMESPACE, of), incarnations.byIndex(BY_NAMESPACE, of)),
                        backups.byIndex(BY_NAMESPACE, of))
                .sum();
    }
}
