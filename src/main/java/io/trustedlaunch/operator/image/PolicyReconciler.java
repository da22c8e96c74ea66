package io.trustedlaunch.operator.image;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Reports in each policy's status how many images it allows. */
@ControllerConfiguration(
        name = "policy",
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
@GradualRetry(maxAttempts = Integer.MAX_VALUE, maxInterval = 60_000)
public final class PolicyReconciler implements Reconciler<ImageEligibilityPolicy> {
    private final StatusRecorder recorder;
    private final InstantSource clock;
    private WatchCache<GuestImage> images;

    public PolicyReconciler(ResourceWriter writer, InstantSource clock) {
        this.recorder = new StatusRecorder(writer);
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, ImageEligibilityPolicy>> prepareEventSources(
            EventSourceContext<ImageEligibilityPolicy> context) {
        Watches<ImageEligibilityPolicy> watches = new Watches<>(context);
        images = watches.of(GuestImage.class).triggersAll();
        return watches.all();
    }

    @Override
    public UpdateControl<ImageEligibilityPolicy> reconcile(
            ImageEligibilityPolicy policy, Context<ImageEligibilityPolicy> context) {
        return Reconciliation.of(() -> {
            recorder.record(
                    policy,
                    PolicyStatus.of(policy, images.all(), clock.instant()),
                    ImageEligibilityPolicy::new,
                    context);
            return Optional.empty();
        });
    }
}
