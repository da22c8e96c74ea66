package io.trustedlaunch.operator.quota;

import io.fabric8.kubernetes.api.model.Secret;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.quota.VMQuota;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Gathers in the status of each quota what its namespace takes. No VM causes a write. */
@ControllerConfiguration(
        name = "quota",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class QuotaReconciler implements Reconciler<VMQuota> {
    /** A burst of starts thus costs a write or two. */
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    /** Another name than those of other controllers' indexes of the same objects. */
    private static final String BY_NAMESPACE = "quota/namespace";

    private final String namespace;
    private final StatusRecorder recorder;
    private final InstantSource clock;
    private WatchCache<TrustedLaunchVM> vms;
    private WatchCache<VMMigration> migrations;
    private WatchCache<VMBackup> backups;
    private WatchCache<Secret> keys;
    private WatchCache<VMIncarnation> incarnations;

    /** @param namespace the operator's own */
    public QuotaReconciler(String namespace, ResourceWriter writer, InstantSource clock) {
        this.namespace = namespace;
        this.recorder = new StatusRecorder(writer);
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, VMQuota>> prepareEventSources(EventSourceContext<VMQuota> context) {
        Watches<VMQuota> watches = new Watches<>(context);
        vms = watches.of(TrustedLaunchVM.class).indexedByNamespace(BY_NAMESPACE).triggersNone();
        migrations =
                watches.of(VMMigration.class).indexedByNamespace(BY_NAMESPACE).triggersNone();
        backups = watches.of(VMBackup.class).indexedByNamespace(BY_NAMESPACE).triggersNone();
        keys = watches.of(Secret.class)
                .in(namespace)
                .ofType(Api.PROTECTION_KEY_TYPE)
                .indexedByEach(BY_NAMESPACE, key -> RetainedFiles.namespace(key).stream())
                .triggersNone();
        incarnations = watches.of(VMIncarnation.class)
                .in(namespace)
                .indexedByEach(BY_NAMESPACE, incarnation -> LeftFiles.namespace(incarnation).stream())
                .triggersNone();
        return watches.all();
    }

    @Override
    public UpdateControl<VMQuota> reconcile(VMQuota quota, Context<VMQuota> context) {
        return Reconciliation.of(() -> {
            recorder.record(
                    quota,
                    QuotaStatus.of(quota, use(quota.getMetadata().getNamespace()), clock.instant()),
                    VMQuota::new,
                    context);
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
