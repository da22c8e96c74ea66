package io.trustedlaunch.operator.catalog;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCatalogSpec.Source;
import io.trustedlaunch.api.image.ImageCatalogStatus;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.operator.kube.ApiReader;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Fetches each catalog from its source, caches it if it is good, and reports what is in force. */
@ControllerConfiguration(
        name = "catalog",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class CatalogReconciler implements Reconciler<ImageCatalog> {
    private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(30);

    private final String namespace;
    private final ResourceWriter writer;
    private final StatusRecorder recorder;
    private final HttpsCatalogs web;
    private final InstantSource clock;
    private WatchCache<ConfigMap> configMaps;
    private WatchCache<Secret> cached;
    private IndexerResourceCache<ImageCatalog> catalogs;

    /** @param namespace the operator's own */
    public CatalogReconciler(String namespace, ApiReader reader, ResourceWriter writer, InstantSource clock) {
        this.namespace = namespace;
        this.writer = writer;
        this.recorder = new StatusRecorder(writer);
        this.web = new HttpsCatalogs(new CatalogServers(namespace, reader, FETCH_TIMEOUT)::fetch, clock);
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, ImageCatalog>> prepareEventSources(EventSourceContext<ImageCatalog> context) {
        catalogs = context.getPrimaryCache();
        Watches<ImageCatalog> watches = new Watches<>(context);
        configMaps = watches.of(ConfigMap.class).in(namespace).triggersMatching(CatalogReconciler::isSource);
        cached = watches.of(Secret.class)
                .in(namespace)
                .ofType(Api.IMAGE_CATALOG_TYPE)
                .triggersMatching((secret, catalog) -> CachedCatalog.nameFor(catalog)
                        .equals(secret.getMetadata().getName()));
        return watches.all();
    }

    private static boolean isSource(ConfigMap map, ImageCatalog catalog) {
        return configMapName(catalog)
                .filter(map.getMetadata().getName()::equals)
                .isPresent();
    }

    private static Optional<String> configMapName(ImageCatalog catalog) {
        return Optional.ofNullable(catalog.getSpec().source().configMap()).map(reference -> reference.name());
    }

    @Override
    public UpdateControl<ImageCatalog> reconcile(ImageCatalog catalog, Context<ImageCatalog> context) {
        web.retain(catalogs.list().map(each -> each.getMetadata().getUid()).collect(Collectors.toSet()));
        return Reconciliation.of(() -> {
            CatalogFacts facts = facts(catalog);
            CatalogPlan plan = CatalogPlan.of(facts);
            plan.cache().ifPresent(signed -> cache(facts, signed));
            ImageCatalogStatus status = CatalogStatus.of(facts, plan);
            recorder.record(catalog, status, CatalogEvents.of(catalog.status(), status), ImageCatalog::new, context);
            return nextPass(facts, plan);
        });
    }

    private CatalogFacts facts(ImageCatalog catalog) {
        return new CatalogFacts(
                catalog,
                SignerKeys.of(catalog.getSpec().publicKeys()),
                fetched(catalog),
                cached.get(CachedCatalog.nameFor(catalog)),
                clock.instant());
    }

    private FetchResult fetched(ImageCatalog catalog) {
        Source source = catalog.getSpec().source();
        return source.https() == null
                ? ConfigMapCatalogs.read(
                        namespace,
                        source.configMap().name(),
                        configMaps.get(source.configMap().name()))
                : web.read(catalog);
    }

    /** Written before the status: a later operator must know the catalog that was in force, and its serial. */
    private void cache(CatalogFacts facts, SignedContent signed) {
        ImageCatalog catalog = facts.catalog();
        if (facts.cached().isPresent()) {
            Secret before = facts.cached().get();
            cached.updated(writer.mergeData(before, CachedCatalog.data(signed)), before);
            return;
        }
        Secret made = cached.created(writer.createIfAbsent(CachedCatalog.secret(catalog, namespace, signed)));
        if (CachedCatalog.read(made).filter(signed::hasContentOf).isEmpty()) {
            throw new StaleViewException("another operator cached another catalog");
        }
    }

    private Optional<Duration> nextPass(CatalogFacts facts, CatalogPlan plan) {
        Optional<Duration> fetch = facts.catalog().getSpec().source().https() == null
                ? Optional.empty()
                : Optional.of(web.nextFetch(facts.catalog(), plan.notCurrent().isEmpty()));
        Optional<Duration> expiry =
                plan.inForce().map(good -> untilAfter(good.catalog().expires(), facts.now()));
        return Stream.of(fetch, expiry).flatMap(Optional::stream).min(Duration::compareTo);
    }

    private static Duration untilAfter(Instant expires, Instant now) {
        // A second late, so that it has expired; and no longer than a timer can count.
        Duration longest = Duration.ofDays(1);
        Duration left = Duration.between(now, expires).plusSeconds(1);
        return left.compareTo(longest) > 0 ? longest : left;
    }
}
