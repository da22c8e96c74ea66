package io.trustedlaunch.operator.guard;

import io.fabric8.kubernetes.api.model.Pod;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.controller.WatchCache;
import io.trustedlaunch.controller.Watches;
import java.util.Optional;
import java.util.Set;

/** The guards and drain signals of all nodes, for a controller whose objects have the names of nodes. */
public final class GuardPods {
    private final WatchCache<Pod> pods;

    /** @param namespace the operator's own */
    public GuardPods(Watches<?> watches, String namespace) {
        this.pods = watches.of(Pod.class)
                .in(namespace)
                .labelled(Api.LABEL_GUARD)
                .onChangeOf(GuardPods::course)
                .triggersNamed(pod -> pod.getSpec().getNodeName());
    }

    /** Whether the node is drained by Kubernetes: see {@link GuardFacts#isEvicted}. */
    public boolean isEvicted(String node, boolean cordoned) {
        return GuardFacts.isEvicted(cordoned, find(GuardRole.Guard, node), find(GuardRole.DrainSignal, node));
    }

    Optional<Pod> find(GuardRole role, String node) {
        return pods.get(role.podName(node));
    }

    /** Caches a new pod until the watch delivers it. */
    void created(Pod pod) {
        pods.created(pod);
    }

    private static Object course(Pod pod) {
        return Set.of(pod.isMarkedForDeletion(), GuardFacts.hasEnded(pod) ? "ended" : "");
    }
}
