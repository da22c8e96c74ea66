package io.trustedlaunch.operator.image;

import io.fabric8.kubernetes.api.model.HasMetadata;
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
import io.trustedlaunch.api.GuestImage;
import io.trustedlaunch.api.GuestImageStatus;
import io.trustedlaunch.api.ImageEligibilityPolicy;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.kube.StatusRecorder;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Says of every image whether VMs can be made from it, and which rule said so. */
@ControllerConfiguration(
        name = "image",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class ImageReconciler implements Reconciler<GuestImage> {
    private final StatusRecorder recorder;
    private final InstantSource clock;
    private InformerEventSource<ImageEligibilityPolicy, GuestImage> policies;
    private InformerEventSource<StorageLocation, GuestImage> locations;
    private InformerEventSource<GuestImage, GuestImage> images;

    public ImageReconciler(ResourceWriter writer, InstantSource clock) {
        this.recorder = new StatusRecorder(writer);
        this.clock = clock;
    }

    /** Any policy can allow any image, and any image can have another's identifier. */
    @Override
    public List<EventSource<?, GuestImage>> prepareEventSources(EventSourceContext<GuestImage> context) {
        policies = wakingAll(ImageEligibilityPolicy.class, context);
        locations = wakingAll(StorageLocation.class, context);
        images = wakingAll(GuestImage.class, context);
        return List.of(policies, locations, images);
    }

    private static <R extends HasMetadata> InformerEventSource<R, GuestImage> wakingAll(
            Class<R> kind, EventSourceContext<GuestImage> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(kind, GuestImage.class)
                        .withSecondaryToPrimaryMapper(resource -> all(context))
                        .withPrimaryToSecondaryMapper((GuestImage image) -> Set.of())
                        // Not for what a status says: verdicts come from specs.
                        .withOnUpdateFilter((now, before) -> !now.getMetadata()
                                .getGeneration()
                                .equals(before.getMetadata().getGeneration()))
                        .build(),
                context);
    }

    private static Set<ResourceID> all(EventSourceContext<GuestImage> context) {
        return context.getPrimaryCache().list().map(ResourceID::fromResource).collect(Collectors.toSet());
    }

    @Override
    public UpdateControl<GuestImage> reconcile(GuestImage image, Context<GuestImage> context) {
        ImageVerdicts verdicts = new ImageVerdicts(
                images.list(each -> true).toList(), policies.list(each -> true).toList());
        GuestImageStatus status = ImageStatus.of(
                image,
                verdicts.verdict(image),
                locations
                        .list(each -> true)
                        .map(location -> location.getMetadata().getName())
                        .collect(Collectors.toSet()),
                clock.instant());
        return recorder.record(image, status, new GuestImage(), context);
    }
}
