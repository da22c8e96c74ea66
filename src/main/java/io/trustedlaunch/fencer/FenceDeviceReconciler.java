package io.trustedlaunch.fencer;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.FenceDeviceStatus;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.controller.Reconciliation;
import io.trustedlaunch.controller.ResourceWriter;
import io.trustedlaunch.controller.StatusRecorder;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.fencer.Fencing.Attempt;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tests each management controller, and cuts the power of its machine when the operator wants that. */
@ControllerConfiguration(name = "fence-device")
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 1_000, maxInterval = 10_000)
final class FenceDeviceReconciler implements Reconciler<FenceDevice> {
    private static final Logger LOG = LoggerFactory.getLogger(FenceDeviceReconciler.class);

    /** The next step is planned from what was recorded. */
    private static final Duration AFTER_A_STEP = Duration.ofMillis(100);

    private final DeviceInspector inspector;
    private final Fencing fencing;
    private final StatusRecorder recorder;
    private final InstantSource clock;
    private WatchCache<NodeFence> fences;

    FenceDeviceReconciler(DeviceInspector inspector, Fencing fencing, ResourceWriter writer, InstantSource clock) {
        this.inspector = inspector;
        this.fencing = fencing;
        this.recorder = new StatusRecorder(writer);
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, FenceDevice>> prepareEventSources(EventSourceContext<FenceDevice> context) {
        Watches<FenceDevice> watches = new Watches<>(context);
        fences = watches.of(NodeFence.class).triggersMatching((fence, device) -> isOfNode(device, fence));
        return watches.all();
    }

    private static boolean isOfNode(FenceDevice device, NodeFence fence) {
        return device.getSpec().nodeName().equals(fence.getSpec().nodeName());
    }

    @Override
    public UpdateControl<FenceDevice> reconcile(FenceDevice device, Context<FenceDevice> context) {
        return Reconciliation.of(() -> {
            List<NodeFence> own =
                    fences.stream().filter(fence -> isOfNode(device, fence)).toList();
            return switch (DevicePlanner.next(new DeviceFacts(device, own, clock.instant()))) {
                case DeviceStep.Wait wait -> Optional.of(wait.time());
                case DeviceStep.Inspect inspect -> {
                    test(device, context);
                    yield Optional.of(AFTER_A_STEP);
                }
                case DeviceStep.Cut cut -> {
                    attempt(device, cut.fence(), context);
                    yield Optional.of(AFTER_A_STEP);
                }
            };
        });
    }

    private void test(FenceDevice device, Context<FenceDevice> context) {
        Inspection inspection = inspector.inspect(device.getSpec());
        record(device, DeviceStatus.tested(device, inspection, clock.instant()), context);
    }

    private void attempt(FenceDevice device, NodeFence fence, Context<FenceDevice> context) {
        LOG.info(
                "Cutting the power of node {} for NodeFence {}",
                device.getSpec().nodeName(),
                fence.getMetadata().getName());
        Attempt attempt = fencing.attempt(device.getSpec(), fence);
        record(device, DeviceStatus.attempted(device, fence, attempt, clock.instant()), context);
    }

    private void record(FenceDevice device, FenceDeviceStatus status, Context<FenceDevice> context) {
        recorder.record(device, status, DeviceEvents.of(device.status(), status), FenceDevice::new, context);
    }
}
