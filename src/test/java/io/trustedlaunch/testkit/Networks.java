package io.trustedlaunch.testkit;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.node.VMNetworkSpec;
import java.util.List;

/** Networks as administrators offer them. */
public final class Networks {
    private Networks() {}

    /** Offered to every namespace. */
    public static VMNetwork network(String name) {
        VMNetwork network = new VMNetwork();
        network.setMetadata(new ObjectMetaBuilder().withName(name).build());
        network.setSpec(new VMNetworkSpec(List.of(), "clean-traffic"));
        return network;
    }

    /** Stays, since other tests use it too. */
    public static void offer(KubernetesClient admin, String name) {
        admin.resource(network(name)).serverSideApply();
    }
}
