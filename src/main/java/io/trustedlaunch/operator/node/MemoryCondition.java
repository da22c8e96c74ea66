package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ByteSize;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.controller.Conditions;
import io.trustedlaunch.controller.Conditions.State;
import io.trustedlaunch.placement.NodeInfo;
import java.time.Instant;
import java.util.OptionalLong;

/** Builds condition MemoryReserved of a ClusterNode; pure. */
final class MemoryCondition {
    private static final long MEBIBYTE = 1L << 20;

    private MemoryCondition() {}

    /** @param kept by the kubelet from pods, in bytes; empty if it reports no memory */
    static Condition of(ClusterNode node, OptionalLong kept, Instant now) {
        Conditions conditions = new Conditions(node, now);
        String name = node.getMetadata().getName();
        if (node.getSpec().memoryForVMs() == null) {
            return conditions.of(
                    ConditionType.MemoryReserved,
                    State.False,
                    Reason.MemoryShared,
                    name + ": VMs may use the host's memory less " + text(NodeInfo.HOST_RESERVE)
                            + ", and Kubernetes may give the same memory to pods: set systemReserved.memory in the"
                            + " kubelet's configuration, and spec.memoryForVMs");
        }
        long forVms = ByteSize.of(node.getSpec().memoryForVMs());
        if (kept.isPresent() && kept.getAsLong() < forVms) {
            return conditions.of(
                    ConditionType.MemoryReserved,
                    State.False,
                    Reason.MemoryNotReserved,
                    name + ": spec.memoryForVMs is " + text(forVms) + ", but its kubelet keeps only "
                            + text(kept.getAsLong()) + " from pods, so VMs get no more than that: set"
                            + " systemReserved.memory in the kubelet's configuration to "
                            + text(forVms + NodeInfo.HOST_RESERVE)
                            + " or more, and restart the kubelet");
        }
        return conditions.of(
                ConditionType.MemoryReserved,
                State.True,
                Reason.MemoryReserved,
                "VMs may use " + text(forVms) + "; "
                        + (kept.isPresent()
                                ? "the kubelet keeps " + text(kept.getAsLong()) + " from pods"
                                : "no kubelet reports memory for pods"));
    }

    private static String text(long bytes) {
        return ByteSize.quantity(bytes / MEBIBYTE * MEBIBYTE).toString();
    }
}
