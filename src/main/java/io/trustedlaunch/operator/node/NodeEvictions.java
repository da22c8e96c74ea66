package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Node;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import io.trustedlaunch.operator.guard.Cordoned;
import io.trustedlaunch.operator.guard.GuardPods;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which nodes are drained by Kubernetes, as with {@code kubectl drain}. */
final class NodeEvictions {
    private final GuardPods guards;
    private final WatchCache<Node> nodes;
    /**
     * The value of the last look-up, for the mappers of other event sources: those read no cache but that of their controller.
     */
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    /** @param namespace the operator's own */
    NodeEvictions(Watches<ClusterNode> watches, String namespace) {
        guards = new GuardPods(watches, namespace);
        nodes = watches.of(Node.class).onChangeOf(Cordoned::is).triggersNamesake();
    }

    boolean isUnderWay(String node) {
        boolean cordoned = nodes.get(node).filter(Cordoned::is).isPresent();
        boolean evicted = guards.isEvicted(node, cordoned);
        if (evicted) {
            known.add(node);
        } else {
            known.remove(node);
        }
        return evicted;
    }

    boolean wasUnderWay(String node) {
        return known.contains(node);
    }
}
