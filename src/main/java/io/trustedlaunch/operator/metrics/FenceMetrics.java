package io.trustedlaunch.operator.metrics;

import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.metrics.Metric;
import io.trustedlaunch.metrics.Samples;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The NodeFences, as the leader has them.
 *
 * @param leads another replica has the same in its cache, and reports none of it
 */
public record FenceMetrics(BooleanSupplier leads, Supplier<List<NodeFence>> fences) implements Consumer<Samples> {
    private static final Metric FENCES = Metric.gauge(
            "trusted_launch_fences",
            "NodeFences by method and phase, and by the reason why they are not proved, such as PowerOffFailed or"
                    + " TooManyNodesSilent",
            "method",
            "phase",
            "reason");

    @Override
    public void accept(Samples samples) {
        if (leads.getAsBoolean()) {
            fences.get().forEach(fence -> count(samples, fence));
        }
    }

    private static void count(Samples samples, NodeFence fence) {
        Optional<NodeFenceStatus> status = fence.status();
        samples.count(
                FENCES,
                fence.getSpec().method().name(),
                status.map(NodeFenceStatus::phase).orElse(Phase.Requested).name(),
                status.map(NodeFenceStatus::reason).orElse(""));
    }
}
