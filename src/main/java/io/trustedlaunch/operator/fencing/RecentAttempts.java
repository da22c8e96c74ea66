package io.trustedlaunch.operator.fencing;

import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.FenceDeviceStatus;
import io.trustedlaunch.api.node.FenceDeviceStatus.Result;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which nodes were fenced automatically of late, or were to be. An attempt counts, whatever came of it: what fails for one
 * host after the other is no reason to go on. All is counted from objects, so that another leader counts the same.
 *
 * @param fences of all nodes
 * @param devices of all nodes: what they were asked for last stays when the NodeFence is removed
 */
record RecentAttempts(List<NodeFence> fences, List<FenceDevice> devices, Instant now) {
    private static final List<Phase> ATTEMPTED =
            List.of(Phase.Fencing, Phase.Failed, Phase.Proved, Phase.Contradicted, Phase.Released);

    int beside(String node) {
        return (int) Stream.concat(ofFences(), ofDevices())
                .filter(other -> !other.equals(node))
                .distinct()
                .count();
    }

    private Stream<String> ofFences() {
        return fences.stream()
                .filter(fence -> fence.getSpec().automatic())
                .filter(fence -> fence.status()
                        .filter(status -> ATTEMPTED.contains(status.phase()))
                        .map(NodeFenceStatus::since)
                        .filter(this::isRecent)
                        .isPresent())
                .map(fence -> fence.getSpec().nodeName());
    }

    private Stream<String> ofDevices() {
        return devices.stream()
                .filter(device -> device.getSpec().automatic())
                .filter(device -> device.status()
                        .map(FenceDeviceStatus::lastResult)
                        .filter(result -> isRecent(result.time()) && !isWantedByAPerson(result))
                        .isPresent())
                .map(device -> device.getSpec().nodeName());
    }

    /** It is not known who wanted a NodeFence that is gone. */
    private boolean isWantedByAPerson(Result result) {
        return fences.stream()
                .filter(fence -> fence.getMetadata().getName().equals(result.fence()))
                .anyMatch(fence -> !fence.getSpec().automatic());
    }

    private boolean isRecent(String time) {
        return Instant.parse(time).isAfter(now.minus(ClusterSilence.WINDOW));
    }
}
