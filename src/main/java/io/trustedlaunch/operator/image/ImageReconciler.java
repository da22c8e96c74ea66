package io.trustedlaunch.operator.image;

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
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.GuestImageSpec;
import io.trustedlaunch.api.image.GuestImageStatus;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.catalog.CatalogsInForce;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.operator.catalog.CatalogReader;
import io.trustedlaunch.operator.kube.ApiReader;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Reports for each image whether VMs can be created from it, and which rule decided. */
@ControllerConfiguration(
        name = "image",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class ImageReconciler implements Reconciler<GuestImage> {
    /** The regular pass comes sooner than a longer timer. */
    private static final Duration LONGEST_TIMER = Duration.ofHours(1);

    /** The Secrets that sources name are not watched. */
    private static final Duration SECRET_CHECK = Duration.ofSeconds(15);

    private final String namespace;
    private final ApiReader apiReader;
    private final StatusRecorder recorder;
    private final CatalogReader catalogReader = new CatalogReader();
    private final InstantSource clock;
    private WatchCache<ImageEligibilityPolicy> policies;
    private WatchCache<StorageLocation> locations;
    private WatchCache<GuestImage> images;
    private WatchCache<ImageCatalog> catalogs;
    private WatchCache<Secret> cachedCatalogs;
    private WatchCache<ImageCopy> copies;

    /** @param namespace the operator's own */
    public ImageReconciler(String namespace, ApiReader apiReader, ResourceWriter writer, InstantSource clock) {
        this.namespace = namespace;
        this.apiReader = apiReader;
        this.recorder = new StatusRecorder(writer);
        this.clock = clock;
    }

    /** Any policy can allow any image, any catalog can list it, and any image can have the identifier of another. */
    @Override
    public List<EventSource<?, GuestImage>> prepareEventSources(EventSourceContext<GuestImage> context) {
        Watches<GuestImage> watches = new Watches<>(context);
        // Verdicts depend on specs only.
        policies = watches.of(ImageEligibilityPolicy.class).onChangeOfSpec().triggersAll();
        locations = watches.of(StorageLocation.class).onChangeOfSpec().triggersAll();
        // A newly recorded digest can conflict with that of another image.
        images =
                watches.of(GuestImage.class).onChangeOf(ImageReconciler::digest).triggersAll();
        catalogs = watches.of(ImageCatalog.class).onChangeOfSpec().triggersAll();
        cachedCatalogs = watches.of(Secret.class)
                .in(namespace)
                .ofType(Api.IMAGE_CATALOG_TYPE)
                .triggersAll();
        copies = watches.of(ImageCopy.class)
                .triggersNamed(copy -> copy.getSpec().image().name());
        return watches.all();
    }

    private static Optional<String> digest(GuestImage image) {
        return image.status().map(GuestImageStatus::sha256);
    }

    @Override
    public UpdateControl<GuestImage> reconcile(GuestImage image, Context<GuestImage> context) {
        Instant now = clock.instant();
        CatalogsInForce inForce = catalogReader.inForce(catalogs.all(), cachedCatalogs.all(), now);
        ImageVerdicts verdicts = new ImageVerdicts(images.all(), policies.all(), inForce);
        ImageCopyFacts copyFacts = copyFacts(image);
        GuestImageStatus status = ImageStatus.of(image, verdicts.finding(image), copyFacts, now);
        return Reconciliation.of(() -> {
            recorder.record(image, status, GuestImage::new, context);
            return nextPass(copyFacts, inForce, now);
        });
    }

    private ImageCopyFacts copyFacts(GuestImage image) {
        GuestImageSpec.Source source = image.getSpec().source();
        return new ImageCopyFacts(
                locations.stream()
                        .map(location -> location.getMetadata().getName())
                        .collect(Collectors.toSet()),
                PullSecretReader.read(
                        source,
                        namespace,
                        PullSecretReader.secretName(source).flatMap(name -> apiReader.secret(namespace, name))),
                copies.stream()
                        .filter(copy -> copy.getSpec()
                                .image()
                                .uid()
                                .equals(image.getMetadata().getUid()))
                        .toList());
    }

    private static Optional<Duration> nextPass(ImageCopyFacts copyFacts, CatalogsInForce inForce, Instant now) {
        return copyFacts.credentials() instanceof PullCredentialsFacts.Unusable
                ? Optional.of(SECRET_CHECK)
                : inForce.nextExpiry()
                        .map(expires -> Duration.between(now, expires).plusSeconds(1))
                        .filter(left -> left.compareTo(LONGEST_TIMER) < 0);
    }
}
