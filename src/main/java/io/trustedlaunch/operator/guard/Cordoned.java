package io.trustedlaunch.operator.guard;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSpec;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Optional;

/** Whether a Node is cordoned, and the updates of Nodes that change it: kubelets write their status often. */
public final class Cordoned implements OnUpdateFilter<Node> {
    @Override
    public boolean accept(Node now, Node before) {
        return is(now) != is(before);
    }

    public static boolean is(Node node) {
        return Optional.ofNullable(node.getSpec())
                .map(NodeSpec::getUnschedulable)
                .orElse(false);
    }
}
