package io.trustedlaunch.operator.download;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.seal.KeyReleases;
import io.trustedlaunch.operator.seal.SealingCertificates;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Gives a node what it needs to serve a disk of a backup to a user, once, and deletes downloads that expire. The agent of the node
 * serves them.
 */
@ControllerConfiguration(
        name = "backupdownload",
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class DownloadReconciler implements Reconciler<VMBackupDownload> {
    /** A node that dies makes no event, and neither does a bucket that answers. */
    private static final Duration NEXT_LOOK = Duration.ofSeconds(10);

    private final ResourceWriter writer;
    private final StatusRecorder recorder;
    private final AgentLiveness liveness;
    private final SealingCertificates certificates;
    private final DownloadPass pass;
    private final InstantSource clock;
    private DownloadEventSources sources;

    /**
     * @param authority of the agents' certificates, in PEM
     * @param clock of the API server, which sets creation times
     */
    public DownloadReconciler(
            ResourceWriter writer,
            AgentLiveness liveness,
            SealingCertificates certificates,
            DownloadSealer sealer,
            KeyReleases releases,
            Supplier<String> authority,
            InstantSource clock) {
        this.writer = writer;
        this.recorder = new StatusRecorder(writer);
        this.liveness = liveness;
        this.certificates = certificates;
        this.pass = new DownloadPass(sealer, releases, authority);
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, VMBackupDownload>> prepareEventSources(EventSourceContext<VMBackupDownload> context) {
        sources = new DownloadEventSources(context);
        return sources.all();
    }

    @Override
    public UpdateControl<VMBackupDownload> reconcile(VMBackupDownload download, Context<VMBackupDownload> context) {
        if (Reconciliation.isGone(download, context)) {
            return UpdateControl.noUpdate();
        }
        Duration left = DownloadStatus.left(download, clock.instant());
        return Reconciliation.of(() -> {
            if (!left.isPositive()) {
                writer.delete(download);
                return Optional.empty();
            }
            pass.run(
                    gather(download),
                    status -> recorder.record(
                            download, status, DownloadEvents.of(download, status), VMBackupDownload::new, context));
            return Optional.of(left.compareTo(NEXT_LOOK) < 0 ? left : NEXT_LOOK);
        });
    }

    private DownloadFacts gather(VMBackupDownload download) {
        Optional<VMBackup> backup = sources.backup(download);
        return new DownloadFacts(
                download,
                backup,
                backup.flatMap(of -> sources.location(of.getSpec().locationRef().name())),
                sources.nodes()
                        .map(node -> new DownloadFacts.Node(
                                node,
                                liveness.isAlive(node.getMetadata().getName()),
                                certificates.find(node.getMetadata().getName(), node.status())))
                        .toList(),
                clock.instant());
    }
}
