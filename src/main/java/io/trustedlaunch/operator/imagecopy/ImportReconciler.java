package io.trustedlaunch.operator.imagecopy;

import io.fabric8.kubernetes.api.model.Quantity;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageCopySpec.Envelope;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.SecondaryCache;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.custody.PullEnvelope;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.operator.image.PullCredentialsFacts;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.location.LocationGroups;
import io.trustedlaunch.operator.node.AgentLiveness;
import io.trustedlaunch.operator.seal.SealingCertificates;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has images imported where VMs need them, and where their spec.preload wants them. One pass per image at a time, so that no copy is created twice. */
@ControllerConfiguration(
        name = "import",
        // Whether an image is eligible, and its digest, are in its status.
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class ImportReconciler implements Reconciler<GuestImage> {
    private static final Logger LOG = LoggerFactory.getLogger(ImportReconciler.class);

    private static final Duration IMMEDIATELY = Duration.ZERO;

    /** The death of an agent causes no event. */
    private static final Duration WHILE_IMPORTING = Duration.ofSeconds(10);

    private final String namespace;
    private final ResourceWriter writer;
    private final AgentLiveness liveness;
    private final PullCredentialsSealer sealer;
    private final Failpoints failpoints;
    private WatchCache<VMIncarnation> incarnations;
    private SecondaryCache<ImageCopy, GuestImage> copies;
    private WatchCache<StorageLocation> locations;
    private WatchCache<ClusterNode> nodes;

    /** @param namespace the operator's own */
    public ImportReconciler(
            String namespace,
            ApiReader apiReader,
            ResourceWriter writer,
            AgentLiveness liveness,
            SealingCertificates certificates,
            Failpoints failpoints,
            SecureRandom random) {
        this.namespace = namespace;
        this.writer = writer;
        this.liveness = liveness;
        this.sealer = new PullCredentialsSealer(namespace, apiReader, certificates, random);
        this.failpoints = failpoints;
    }

    @Override
    public List<EventSource<?, GuestImage>> prepareEventSources(EventSourceContext<GuestImage> context) {
        Watches<GuestImage> watches = new Watches<>(context);
        incarnations = watches.of(VMIncarnation.class)
                .in(namespace)
                .onChangeOf(ImageNeed::of)
                .triggers(
                        incarnation -> images(incarnation).map(ResourceID::new).collect(Collectors.toSet()));
        // By the name of their image, so that new copies are found before the watch delivers them.
        copies = watches.of(ImageCopy.class)
                .isSecondaryOf(
                        copy -> Set.of(new ResourceID(copy.getSpec().image().name())));
        locations = watches.of(StorageLocation.class)
                .onChangeOf(ImportReconciler::folders)
                .triggersAll();
        // For their enrolment, and their certificates when something is sealed.
        nodes = watches.of(ClusterNode.class).triggersNone();
        return watches.all();
    }

    private static Stream<String> images(VMIncarnation incarnation) {
        return ImageNeed.of(incarnation).stream().map(ImageNeed::imageName);
    }

    private static Object folders(StorageLocation location) {
        return List.of(
                location.status().map(StorageLocationStatus::groups),
                ImageNeed.nodes(location).toList());
    }

    private Stream<ImageNeed> needs() {
        return incarnations.stream().flatMap(incarnation -> ImageNeed.of(incarnation).stream());
    }

    @Override
    public UpdateControl<GuestImage> reconcile(GuestImage image, Context<GuestImage> context) {
        PullCredentialsSealer.SourceCredentials credentials =
                sealer.credentials(image.getSpec().source());
        return Reconciliation.of(() -> carryOut(ImportPlanner.plan(facts(image, credentials)), credentials.facts()));
    }

    /** @return when to reconcile again if no event comes first */
    private Optional<Duration> carryOut(ImportStep step, PullCredentialsFacts credentials) {
        return switch (step) {
            case ImportStep.Create(ImageCopy copy, Optional<String> from) -> {
                create(from.map(of -> sealed(copy, credentials, of)).orElse(copy));
                yield Optional.of(IMMEDIATELY);
            }
            case ImportStep.Resize(ImageCopy copy, Quantity size) -> {
                change(copy, "size", size);
                yield Optional.of(IMMEDIATELY);
            }
            case ImportStep.Seal(ImageCopy copy, String from) -> {
                change(copy, "envelope", envelope(copy, credentials, from));
                yield Optional.of(IMMEDIATELY);
            }
            case ImportStep.RemoveEnvelope(ImageCopy copy) -> {
                change(copy, "envelope", null);
                yield Optional.of(IMMEDIATELY);
            }
            case ImportStep.Watch watch -> Optional.of(WHILE_IMPORTING);
            case ImportStep.Settled settled -> Optional.empty();
        };
    }

    private ImageCopy sealed(ImageCopy copy, PullCredentialsFacts credentials, String from) {
        ImageCopy sealed = new ImageCopy();
        sealed.setMetadata(copy.getMetadata());
        sealed.setSpec(copy.getSpec().withEnvelope(envelope(copy, credentials, from)));
        return sealed;
    }

    private Envelope envelope(ImageCopy copy, PullCredentialsFacts credentials, String from) {
        if (!(credentials instanceof PullCredentialsFacts.Found found)) {
            throw new IllegalStateException("an envelope was planned without credentials");
        }
        String node = copy.getSpec().nodeName();
        return sealer.seal(
                found.credentials(),
                from,
                new PullEnvelope.Address(copy.getMetadata().getName(), node),
                nodes.get(node));
    }

    private void change(ImageCopy copy, String field, Object value) {
        Map<String, Object> spec = new HashMap<>();
        spec.put(field, value);
        copies.updated(writer.mergeSpec(copy, spec), copy);
    }

    private void create(ImageCopy copy) {
        copies.created(writer.createIfAbsent(copy));
        LOG.info(
                "Importing image {} into storage location {} on {}",
                copy.getSpec().image().name(),
                copy.getSpec().storageLocation().name(),
                copy.getSpec().nodeName());
        failpoints.reached(Failpoint.COPIES_COPY_MADE);
    }

    private ImportFacts facts(GuestImage image, PullCredentialsSealer.SourceCredentials credentials) {
        String uid = image.getMetadata().getUid();
        List<StorageLocation> known = locations.all();
        List<ImageNeed> waiting = Stream.concat(
                        needs().filter(need -> need.imageUid().equals(uid)),
                        ImageNeed.preloads(image, known, liveness::isAlive).stream())
                .toList();
        List<ImageCopy> all = copies.of(image).stream()
                .filter(copy -> copy.getSpec().image().uid().equals(uid))
                .toList();
        Set<String> importers = Stream.concat(
                        waiting.stream().map(ImageNeed::nodeName),
                        all.stream().map(copy -> copy.getSpec().nodeName()))
                .collect(Collectors.toSet());
        return ImportFactsBuilder.builder()
                .image(image)
                .needs(waiting)
                .copies(all)
                .locations(known.stream()
                        .collect(Collectors.toMap(
                                location -> location.getMetadata().getName(),
                                location -> location.getSpec().path())))
                .shared(LocationGroups.of(known))
                .alive(importers.stream().filter(liveness::isAlive).collect(Collectors.toSet()))
                .enrolled(importers.stream().filter(this::isEnrolled).collect(Collectors.toSet()))
                .credentials(credentials.facts())
                .seals(seals(importers, credentials))
                .build();
    }

    private boolean isEnrolled(String node) {
        return Enrolment.isEnrolled(nodes.get(node).map(ClusterNode::getStatus));
    }

    private Map<String, String> seals(Set<String> importers, PullCredentialsSealer.SourceCredentials credentials) {
        Map<String, String> from = new HashMap<>();
        importers.forEach(
                node -> sealer.from(credentials, nodes.get(node)).ifPresent(version -> from.put(node, version)));
        return from;
    }
}
