package io.trustedlaunch.operator.node;

import io.fabric8.kubernetes.api.model.Node;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.operator.guard.Cordoned;
import io.trustedlaunch.operator.guard.GuardPods;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which nodes are drained by Kubernetes, as with {@code kubectl drain}. */
final class NodeEvictions {
    private final GuardPods<ClusterNode> guards;
    private final InformerEventSource<Node, ClusterNode> nodes;
    /** As last looked up, for the mappers of other event sources: those read no cache but that of their controller. */
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    /** @param namespace the operator's own */
    NodeEvictions(EventSourceContext<ClusterNode> context, String namespace) {
        guards = new GuardPods<>(ClusterNode.class, context, namespace);
        nodes = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Node.class, ClusterNode.class)
                        .withSecondaryToPrimaryMapper(
                                node -> Set.of(new ResourceID(node.getMetadata().getName())))
                        .withPrimaryToSecondaryMapper((ClusterNode node) -> Set.of())
                        .withOnUpdateFilter(new Cordoned())
                        .build(),
                context);
    }

    List<EventSource<?, ClusterNode>> sources() {
        return List.of(guards.source(), nodes);
    }

    boolean isUnderWay(String node) {
        boolean cordoned = nodes.get(new ResourceID(node)).filter(Cordoned::is).isPresent();
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
