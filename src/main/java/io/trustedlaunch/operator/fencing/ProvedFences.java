package io.trustedlaunch.operator.fencing;

import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.NodeFenceStatus.Phase;
import io.trustedlaunch.api.node.NodeFenceStatus.Proof;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The nodes that NodeFences prove dead. A proof holds for one boot: it counts unless the node has answered a leader from another
 * one, as its ClusterNode shows, which is read after it. A node that is dead does not answer the next leader; its last answer to
 * an earlier one stands. Incarnations are made for boots that nodes have answered from, so there is none of a later boot. Nor does
 * a proof count once this leader has heard that boot's agent.
 *
 * @param cached as the watch has them; without a proof among them nothing is read
 * @param uncached all NodeFences
 * @param node one ClusterNode, uncached
 * @param contradicted by its agent, which was heard; the status says so a little later, and until then VMs would be given away
 */
public record ProvedFences(
        Supplier<List<NodeFence>> cached,
        Supplier<List<NodeFence>> uncached,
        Function<String, Optional<ClusterNode>> node,
        Predicate<NodeFence> contradicted)
        implements Fences {
    @Override
    public Map<String, ProvedDeath> proved() {
        if (cached.get().stream().noneMatch(ProvedFences::isProved)) {
            return Map.of();
        }
        Map<String, ProvedDeath> proved = new HashMap<>();
        for (NodeFence fence : uncached.get()) {
            if (isProved(fence) && !isBackInAnotherBoot(fence) && !contradicted.test(fence)) {
                proved.put(fence.getSpec().nodeName(), death(fence));
            }
        }
        return proved;
    }

    private static ProvedDeath death(NodeFence fence) {
        return new ProvedDeath(
                fence.getMetadata().getName(),
                Optional.ofNullable(fence.getStatus().proof())
                        .map(Proof::unwatchedSeconds)
                        .map(Duration::ofSeconds)
                        .orElse(Duration.ZERO));
    }

    private boolean isBackInAnotherBoot(NodeFence fence) {
        return node.apply(fence.getSpec().nodeName())
                .flatMap(ClusterNode::answeredBoot)
                .filter(boot -> !boot.equals(fence.getSpec().bootID()))
                .isPresent();
    }

    private static boolean isProved(NodeFence fence) {
        return fence.phase() == Phase.Proved;
    }
}
