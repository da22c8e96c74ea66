package io.trustedlaunch.fencer;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import java.util.Optional;

/** What is at the API server. */
final class FakeFencerReader implements FencerReader {
    Optional<Secret> secret = Optional.empty();
    Optional<ClusterNode> node = Optional.of(Devices.node());
    Optional<NodeFence> fence = Optional.of(Devices.fence());

    @Override
    public Optional<Secret> secret(String name) {
        return secret;
    }

    @Override
    public Optional<ClusterNode> node(String name) {
        return node;
    }

    @Override
    public Optional<NodeFence> fence(String name) {
        return fence;
    }
}
