package io.trustedlaunch.fencer;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RecordedTime;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.FenceDeviceStatus;
import io.trustedlaunch.api.node.FenceDeviceStatus.Power;
import io.trustedlaunch.api.node.FenceDeviceStatus.Result;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceSpec.Method;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/** Plans the next step for a FenceDevice. */
final class DevicePlanner {
    /** The interval between tests of a controller that answered as it should. */
    static final Duration TEST_INTERVAL = Duration.ofDays(1);

    /**
     * The interval between tests of any other controller: a corrected Secret is not seen otherwise, since the fencer watches
     * none.
     */
    static final Duration RETEST_INTERVAL = Duration.ofMinutes(5);

    /** While the node's agent has not said yet which machine it is. */
    static final Duration UNKNOWN_INTERVAL = Duration.ofSeconds(30);

    /** The time between two attempts to cut the power. */
    static final Duration RETRY = Duration.ofSeconds(10);

    private DevicePlanner() {}

    static DeviceStep next(DeviceFacts facts) {
        Optional<NodeFence> wanted = wanted(facts);
        return wanted.isPresent() ? attempt(facts, wanted.get()) : test(facts);
    }

    /** Whether the operator wants the power cut for this fence. */
    static boolean isWanted(NodeFence fence) {
        return fence.getSpec().method() == Method.Power
                && fence.phase() == Phase.Fencing
                && !fence.isMarkedForDeletion();
    }

    /** The last boot first: it is the one that may run guests. */
    private static Optional<NodeFence> wanted(DeviceFacts facts) {
        return facts.fences().stream()
                .filter(DevicePlanner::isWanted)
                .filter(fence -> last(facts.device(), fence)
                        .filter(result -> result.power() == Power.Off)
                        .isEmpty())
                .max(Comparator.comparing(fence -> fence.getMetadata().getCreationTimestamp()));
    }

    /** The last result, if it answers the fence as it is now. */
    private static Optional<Result> last(FenceDevice device, NodeFence fence) {
        return device.status()
                .map(FenceDeviceStatus::lastResult)
                .filter(result -> fence.getMetadata().getName().equals(result.fence())
                        && fence.getMetadata().getResourceVersion().equals(result.answers()));
    }

    private static DeviceStep attempt(DeviceFacts facts, NodeFence fence) {
        return last(facts.device(), fence)
                .flatMap(failed -> left(RETRY, failed.time(), facts.now()))
                .<DeviceStep>map(DeviceStep.Wait::new)
                .orElseGet(() -> new DeviceStep.Cut(fence));
    }

    private static DeviceStep test(DeviceFacts facts) {
        Duration interval = interval(facts.device());
        return facts.device()
                .status()
                .filter(status -> facts.device().getMetadata().getGeneration().equals(status.observedGeneration()))
                .flatMap(status -> Optional.ofNullable(status.lastTestTime()))
                .flatMap(tested -> left(interval, tested, facts.now()))
                .<DeviceStep>map(DeviceStep.Wait::new)
                .orElseGet(DeviceStep.Inspect::new);
    }

    /** Empty if it is due. */
    private static Optional<Duration> left(Duration pause, String since, Instant now) {
        return Optional.of(RecordedTime.left(pause, Instant.parse(since), now)).filter(Duration::isPositive);
    }

    private static Duration interval(FenceDevice device) {
        if (device.isTrue(ConditionType.Ready)) {
            return TEST_INTERVAL;
        }
        return device.condition(ConditionType.Ready)
                        .filter(condition -> condition.getReason().equals(Reason.MachineUnknown.name()))
                        .isPresent()
                ? UNKNOWN_INTERVAL
                : RETEST_INTERVAL;
    }
}
