package io.trustedlaunch.fencer;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import java.util.Optional;

/** Reads from a real API server. */
final class KubeFencerReader implements FencerReader {
    private final KubernetesClient client;
    private final String namespace;

    /** @param namespace the fencer's own */
    KubeFencerReader(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    @Override
    public Optional<Secret> secret(String name) {
        return Optional.ofNullable(
                client.secrets().inNamespace(namespace).withName(name).get());
    }

    @Override
    public Optional<ClusterNode> node(String name) {
        return Optional.ofNullable(
                client.resources(ClusterNode.class).withName(name).get());
    }

    @Override
    public Optional<NodeFence> fence(String name) {
        return Optional.ofNullable(
                client.resources(NodeFence.class).withName(name).get());
    }
}
