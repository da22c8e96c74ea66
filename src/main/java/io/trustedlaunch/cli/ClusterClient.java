package io.trustedlaunch.cli;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;

/**
 * The client of the API server that operator and agents have. All that it asks and watches goes over one connection: a watch
 * by WebSocket, the library's default, takes one of its own (decision 32).
 */
final class ClusterClient {
    private ClusterClient() {}

    /** Of the cluster that KUBECONFIG names, or that the pod is in which this runs. */
    static KubernetesClient own() {
        Config config = Config.autoConfigure(null);
        config.setOnlyHttpWatches(true);
        return new KubernetesClientBuilder().withConfig(config).build();
    }
}
