package io.trustedlaunch.operator.metrics;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCatalogStatus;
import io.trustedlaunch.api.image.ImageCatalogStatus.InForce;
import io.trustedlaunch.metrics.Metric;
import io.trustedlaunch.metrics.Samples;
import io.trustedlaunch.operator.node.AgentLiveness;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Metrics of the cluster, reported by the leader. Another replica has the same in its caches and reports none of it, so that
 * sums are right.
 */
public final class ClusterMetrics implements Consumer<Samples> {
    private static final Metric AUTHORITY_EXPIRATION = Metric.gauge(
            "trusted_launch_certificate_authority_expiration_timestamp_seconds",
            "When the certificate of an authority of the operator expires; the name is that of its Secret",
            "name");

    private static final Metric CATALOG_READY = Metric.gauge(
            "trusted_launch_image_catalog_ready",
            "1 if the condition Ready of the ImageCatalog is True, else 0",
            "image_catalog");

    private static final Metric CATALOG_EXPIRATION = Metric.gauge(
            "trusted_launch_image_catalog_expiration_timestamp_seconds",
            "When the catalog in force expires; from then on it proves no image",
            "image_catalog");

    private final BooleanSupplier leads;
    private final Caches caches;
    private final Supplier<Map<String, Instant>> authorities;
    private final VmMetrics vms;
    private final NodeMetrics nodes;
    private final BackupMetrics backups;

    /**
     * @param escrows whether protection keys are escrowed
     * @param authorities when they expire, by name
     */
    public ClusterMetrics(
            BooleanSupplier leads,
            Caches caches,
            AgentLiveness liveness,
            boolean escrows,
            Supplier<Map<String, Instant>> authorities) {
        this.leads = leads;
        this.caches = caches;
        this.authorities = authorities;
        this.vms = new VmMetrics(caches, escrows);
        this.nodes = new NodeMetrics(caches, liveness);
        this.backups = new BackupMetrics(caches);
    }

    @Override
    public void accept(Samples samples) {
        if (!leads.getAsBoolean()) {
            return;
        }
        vms.read(samples);
        nodes.read(samples);
        backups.read(samples);
        caches.list(ImageCatalog.class).forEach(catalog -> catalog(samples, catalog));
        authorities
                .get()
                .forEach((name, expiration) -> samples.set(AUTHORITY_EXPIRATION, expiration.getEpochSecond(), name));
    }

    private static void catalog(Samples samples, ImageCatalog catalog) {
        String name = catalog.getMetadata().getName();
        Optional<ImageCatalogStatus> status = catalog.status();
        boolean ready = status.flatMap(reported -> ConditionType.Ready.in(reported.conditions()))
                .filter(condition -> condition.getStatus().equals("True"))
                .isPresent();
        samples.set(CATALOG_READY, ready ? 1 : 0, name);
        status.map(ImageCatalogStatus::inForce)
                .map(InForce::expirationTime)
                .ifPresent(time ->
                        samples.set(CATALOG_EXPIRATION, Instant.parse(time).getEpochSecond(), name));
    }
}
