package io.trustedlaunch.operator.guard;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.trustedlaunch.api.Api;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The guards and drain signals of all nodes, for a controller whose objects have the names of nodes.
 *
 * @param <P> ClusterNode or Node
 */
public final class GuardPods<P extends HasMetadata> {
    private final String namespace;
    private final InformerEventSource<Pod, P> source;

    /** @param namespace the operator's own */
    public GuardPods(Class<P> primary, EventSourceContext<P> context, String namespace) {
        this.namespace = namespace;
        this.source = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, primary)
                        .withNamespaces(namespace)
                        .withLabelSelector(Api.LABEL_GUARD)
                        .withSecondaryToPrimaryMapper(
                                pod -> Set.of(new ResourceID(pod.getSpec().getNodeName())))
                        .withPrimaryToSecondaryMapper((P node) -> Set.of())
                        .withOnUpdateFilter((now, before) -> !Objects.equals(course(now), course(before)))
                        .build(),
                context);
    }

    public InformerEventSource<Pod, P> source() {
        return source;
    }

    /** Whether the node is drained by Kubernetes: see {@link GuardFacts#isEvicted}. */
    public boolean isEvicted(String node, boolean cordoned) {
        return GuardFacts.isEvicted(cordoned, find(GuardRole.Guard, node), find(GuardRole.DrainSignal, node));
    }

    Optional<Pod> find(GuardRole role, String node) {
        return source.get(new ResourceID(role.podName(node), namespace));
    }

    /** Caches a new pod until the watch delivers it. */
    void created(Pod pod) {
        source.handleRecentResourceCreate(ResourceID.fromResource(pod), pod);
    }

    private static Object course(Pod pod) {
        return Set.of(pod.isMarkedForDeletion(), GuardFacts.hasEnded(pod) ? "ended" : "");
    }
}
