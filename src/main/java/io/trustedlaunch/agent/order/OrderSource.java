package io.trustedlaunch.agent.order;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.trustedlaunch.process.Informers;

/**
 * Where the orders of this node are.
 *
 * @param namespace the operator's own
 */
public record OrderSource(KubernetesClient client, String namespace, String nodeName) {
    /** All of one kind that name the node. Not started. */
    public <T extends HasMetadata> SharedIndexInformer<T> of(Class<T> kind) {
        return Informers.of(kind, client.resources(kind).inNamespace(namespace).withField("spec.nodeName", nodeName));
    }
}
