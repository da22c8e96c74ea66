package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.ByteSize;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The memory of its host that a kubelet keeps from pods: kubeReserved, systemReserved and its eviction threshold. */
public final class MemoryReservation {
    private static final String MEMORY = "memory";
    private static final String HUGE_PAGES = "hugepages-";

    private MemoryReservation() {}

    /** The memory in bytes; empty if no kubelet reports it, so that no pod gets any. */
    public static OptionalLong of(Optional<Node> node) {
        return node.map(MemoryReservation::of).orElseGet(OptionalLong::empty);
    }

    public static OptionalLong of(Node node) {
        Optional<NodeStatus> status = Optional.ofNullable(node.getStatus());
        Map<String, Quantity> capacity = status.map(NodeStatus::getCapacity).orElseGet(Map::of);
        Map<String, Quantity> allocatable =
                status.map(NodeStatus::getAllocatable).orElseGet(Map::of);
        if (!capacity.containsKey(MEMORY) || !allocatable.containsKey(MEMORY)) {
            return OptionalLong.empty();
        }
        // They are not allocatable as memory, but pods get them all the same.
        long hugePages = capacity.entrySet().stream()
                .filter(resource -> resource.getKey().startsWith(HUGE_PAGES))
                .mapToLong(resource -> ByteSize.of(resource.getValue()))
                .sum();
        long kept = ByteSize.of(capacity.get(MEMORY)) - ByteSize.of(allocatable.get(MEMORY)) - hugePages;
        return OptionalLong.of(Math.max(0, kept));
    }
}
