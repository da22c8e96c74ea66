package io.trustedlaunch.controller;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.Optional;

/** The leader Lease at a real API server. */
public record KubeLeaderLease(KubernetesClient client, String namespace, String name, ResourceWriter writer)
        implements LeaderLease {
    @Override
    public Optional<Lease> read() {
        return Optional.ofNullable(
                client.leases().inNamespace(namespace).withName(name).get());
    }

    @Override
    public void release(Lease read) {
        writer.mergeSpec(read, Map.of("holderIdentity", ""));
    }
}
