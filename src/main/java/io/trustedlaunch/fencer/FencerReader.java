package io.trustedlaunch.fencer;

import io.fabric8.kubernetes.api.model.Secret;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import java.util.Optional;

/** Single reads from the API server, and not from a cache. */
interface FencerReader {
    /** A Secret of the fencer's own namespace. */
    Optional<Secret> secret(String name);

    Optional<ClusterNode> node(String name);

    Optional<NodeFence> fence(String name);
}
