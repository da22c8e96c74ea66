package io.trustedlaunch.operator.imagecopy;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.Machine;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.controller.EventDraft;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Clears copies away whose image is gone, once nothing is made from them any more. */
@ControllerConfiguration(
        name = "imagecopy",
        // A finalizer of our own, and steps that follow from what an agent says.
        generationAwareEventProcessing = false,
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class RemovalReconciler implements Reconciler<ImageCopy> {
    private static final Logger LOG = LoggerFactory.getLogger(RemovalReconciler.class);

    private final String namespace;
    private final KubernetesClient client;
    private final ResourceWriter writer;
    private final Failpoints failpoints;
    private WatchCache<GuestImage> images;
    private WatchCache<VMIncarnation> incarnations;
    private WatchCache<ClusterNode> nodes;

    /** @param namespace the operator's own */
    public RemovalReconciler(String namespace, KubernetesClient client, ResourceWriter writer, Failpoints failpoints) {
        this.namespace = namespace;
        this.client = client;
        this.writer = writer;
        this.failpoints = failpoints;
    }

    @Override
    public List<EventSource<?, ImageCopy>> prepareEventSources(EventSourceContext<ImageCopy> context) {
        Watches<ImageCopy> watches = new Watches<>(context);
        images = watches.of(GuestImage.class)
                .onNoUpdate()
                .triggersMatching((image, copy) ->
                        copy.getSpec().image().name().equals(image.getMetadata().getName()));
        incarnations = watches.of(VMIncarnation.class)
                .in(namespace)
                .onChangeOf(ImageNeed::of)
                .triggersMatching((incarnation, copy) -> mayNeed(
                        incarnation.getSpec().machineNow(),
                        copy.getSpec().image().uid()));
        nodes = watches.of(ClusterNode.class)
                .onNoUpdate()
                .triggersMatching((node, copy) ->
                        copy.getSpec().nodeName().equals(node.getMetadata().getName()));
        return watches.all();
    }

    @Override
    public UpdateControl<ImageCopy> reconcile(ImageCopy copy, Context<ImageCopy> context) {
        if (context.isPrimaryResourceDeleted()) {
            return UpdateControl.noUpdate();
        }
        return Reconciliation.of(() -> {
            RemovalPlan.Step step = RemovalPlan.plan(fromCaches(copy));
            if (step != RemovalPlan.Step.KEEP) {
                carryOut(RemovalPlan.plan(fromServer(copy)), copy);
            }
            return Optional.empty();
        });
    }

    private RemovalFacts fromCaches(ImageCopy copy) {
        String node = copy.getSpec().nodeName();
        return new RemovalFacts(
                copy,
                images.get(copy.getSpec().image().name())
                        .filter(image -> isOf(copy, image))
                        .isPresent(),
                incarnations.stream().anyMatch(incarnation -> needs(incarnation, copy)),
                nodes.get(node).isPresent());
    }

    /** Caches may be late, and a removed file cannot be restored after its image is gone. */
    private RemovalFacts fromServer(ImageCopy copy) {
        GuestImage image = client.resources(GuestImage.class)
                .withName(copy.getSpec().image().name())
                .get();
        return new RemovalFacts(
                copy,
                image != null && isOf(copy, image),
                client.resources(VMIncarnation.class).inNamespace(namespace).list().getItems().stream()
                        .anyMatch(incarnation -> needs(incarnation, copy)),
                client.resources(ClusterNode.class)
                                .withName(copy.getSpec().nodeName())
                                .get()
                        != null);
    }

    private static boolean isOf(ImageCopy copy, GuestImage image) {
        return image.getMetadata().getUid().equals(copy.getSpec().image().uid());
    }

    /** Also when it needs it no more. */
    private static boolean mayNeed(Machine machine, String image) {
        return image.equals(machine.image().uid()) || !machine.discs().isEmpty();
    }

    private static boolean needs(VMIncarnation incarnation, ImageCopy copy) {
        return ImageNeed.of(incarnation).stream()
                .filter(need -> need.imageUid().equals(copy.getSpec().image().uid()))
                .anyMatch(need -> need.locationPath()
                        .equals(copy.getSpec().storageLocation().path()));
    }

    private void carryOut(RemovalPlan.Step step, ImageCopy copy) {
        switch (step) {
            case KEEP -> {}
            case DELETE -> {
                LOG.info(
                        "Image {} was deleted: removing {}",
                        copy.getSpec().image().name(),
                        name(copy));
                writer.delete(copy);
                failpoints.reached(Failpoint.COPIES_REMOVAL_REQUESTED);
            }
            case RELEASE -> release(copy);
            case ABANDON -> {
                writer.event(copy, EventDraft.warning(Reason.ImageCopyLost, leftFiles(copy)));
                release(copy);
            }
        }
    }

    private void release(ImageCopy copy) {
        writer.setFinalizers(
                copy,
                copy.getMetadata().getFinalizers().stream()
                        .filter(finalizer -> !finalizer.equals(Api.IMAGE_FINALIZER))
                        .toList());
        failpoints.reached(Failpoint.COPIES_COPY_RELEASED);
    }

    private static String leftFiles(ImageCopy copy) {
        return "node " + copy.getSpec().nodeName() + " has no ClusterNode any more; if its host still exists, remove "
                + copy.getSpec().storageLocation().path() + "/.images/"
                + copy.getSpec().image().uid() + " there by hand";
    }

    private static String name(ImageCopy copy) {
        return copy.getMetadata().getName();
    }
}
