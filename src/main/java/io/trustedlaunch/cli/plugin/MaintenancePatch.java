package io.trustedlaunch.cli.plugin;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.trustedlaunch.api.ClusterNode;
import io.trustedlaunch.api.ClusterNodeSpec.Maintenance;

/** Takes a node out of service, or back. */
final class MaintenancePatch {
    private MaintenancePatch() {}

    /** @return the node's generation from now on */
    static long apply(KubernetesClient client, String name, Maintenance maintenance) {
        Resource<ClusterNode> node = ClusterOptions.node(client, name);
        ClusterOptions.require(node, "ClusterNode " + name);
        return node.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"maintenance\":\"" + maintenance + "\"}}")
                .getMetadata()
                .getGeneration();
    }
}
