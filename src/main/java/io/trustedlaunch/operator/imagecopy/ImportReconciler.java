package io.trustedlaunch.operator.imagecopy;

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
import io.trustedlaunch.api.ImageCopy;
import io.trustedlaunch.api.StorageLocation;
import io.trustedlaunch.api.VMIncarnation;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.kube.ResourceWriter;
import io.trustedlaunch.operator.kube.StaleViewException;
import io.trustedlaunch.operator.location.LocationGroups;
import io.trustedlaunch.operator.node.AgentLiveness;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has each image copied to where first starts wait for it: one image at a time, so that nothing is asked for twice. */
@ControllerConfiguration(
        name = "import",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class ImportReconciler implements Reconciler<GuestImage> {
    private static final Logger LOG = LoggerFactory.getLogger(ImportReconciler.class);

    private static final Duration AFTER_A_CONFLICT = Duration.ofMillis(300);

    /** Nothing tells of an agent that dies. */
    private static final Duration WHILE_ONE_WAITS = Duration.ofSeconds(10);

    private final String namespace;
    private final ResourceWriter writer;
    private final AgentLiveness liveness;
    private final Failpoints failpoints;
    private InformerEventSource<VMIncarnation, GuestImage> lives;
    private InformerEventSource<ImageCopy, GuestImage> copies;
    private InformerEventSource<StorageLocation, GuestImage> locations;

    /** @param namespace the operator's own */
    public ImportReconciler(String namespace, ResourceWriter writer, AgentLiveness liveness, Failpoints failpoints) {
        this.namespace = namespace;
        this.writer = writer;
        this.liveness = liveness;
        this.failpoints = failpoints;
    }

    @Override
    public List<EventSource<?, GuestImage>> prepareEventSources(EventSourceContext<GuestImage> context) {
        lives = new InformerEventSource<>(
                watching(VMIncarnation.class)
                        .withNamespaces(namespace)
                        .withSecondaryToPrimaryMapper(life ->
                                image(life).stream().map(ResourceID::new).collect(Collectors.toSet()))
                        .withOnUpdateFilter((now, before) -> !FirstStart.of(now).equals(FirstStart.of(before)))
                        .build(),
                context);
        copies = new InformerEventSource<>(
                watching(ImageCopy.class)
                        .withSecondaryToPrimaryMapper(copy ->
                                Set.of(new ResourceID(copy.getSpec().image().name())))
                        .build(),
                context);
        locations = new InformerEventSource<>(
                watching(StorageLocation.class)
                        .withSecondaryToPrimaryMapper(location -> awaited())
                        .withOnUpdateFilter((now, before) -> !Objects.equals(groups(now), groups(before)))
                        .build(),
                context);
        return List.of(lives, copies, locations);
    }

    private static <R extends HasMetadata> InformerEventSourceConfiguration.Builder<R> watching(Class<R> kind) {
        return InformerEventSourceConfiguration.from(kind, GuestImage.class)
                .withPrimaryToSecondaryMapper((GuestImage image) -> Set.of());
    }

    private static Optional<String> image(VMIncarnation life) {
        return FirstStart.of(life).map(FirstStart::imageName);
    }

    private Set<ResourceID> awaited() {
        return starts().map(start -> new ResourceID(start.imageName())).collect(Collectors.toSet());
    }

    private static Object groups(StorageLocation location) {
        return Optional.ofNullable(location.getStatus()).map(status -> Optional.ofNullable(status.groups()));
    }

    private Stream<FirstStart> starts() {
        return lives.list(life -> true).flatMap(life -> FirstStart.of(life).stream());
    }

    @Override
    public UpdateControl<GuestImage> reconcile(GuestImage image, Context<GuestImage> context) {
        return switch (ImportPlanner.plan(facts(image))) {
            case ImportStep.Make(ImageCopy copy) -> {
                try {
                    make(copy);
                    yield UpdateControl.<GuestImage>noUpdate().rescheduleAfter(Duration.ZERO);
                } catch (StaleViewException e) {
                    yield UpdateControl.<GuestImage>noUpdate().rescheduleAfter(AFTER_A_CONFLICT);
                }
            }
            case ImportStep.Watch watch -> UpdateControl.<GuestImage>noUpdate().rescheduleAfter(WHILE_ONE_WAITS);
            case ImportStep.Settled settled -> UpdateControl.noUpdate();
        };
    }

    private void make(ImageCopy copy) {
        ImageCopy made = writer.createIfAbsent(copy);
        copies.handleRecentResourceCreate(ResourceID.fromResource(made), made);
        LOG.info(
                "Image {} is to be copied to {} by {}",
                copy.getSpec().image().name(),
                copy.getSpec().storageLocation().name(),
                copy.getSpec().nodeName());
        failpoints.reached(Failpoint.COPIES_COPY_MADE);
    }

    private ImportFacts facts(GuestImage image) {
        String uid = image.getMetadata().getUid();
        List<StorageLocation> known = locations.list(location -> true).toList();
        List<ImageCopy> all =
                copies.list(copy -> copy.getSpec().image().uid().equals(uid)).toList();
        return new ImportFacts(
                image,
                starts().filter(start -> start.imageUid().equals(uid)).toList(),
                all,
                known.stream()
                        .collect(Collectors.toMap(
                                location -> location.getMetadata().getName(),
                                location -> location.getSpec().path())),
                LocationGroups.of(known),
                all.stream()
                        .map(copy -> copy.getSpec().nodeName())
                        .filter(liveness::isAlive)
                        .collect(Collectors.toSet()));
    }
}
