package io.trustedlaunch.agent.incarnation;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.api.incarnation.VMIncarnation;

/** Reads incarnations with a plain GET, which the API server answers from storage and not from a watch cache. */
public record IncarnationClient(KubernetesClient client, String namespace) implements IncarnationLookup {
    @Override
    public boolean isGone(String name) {
        try {
            return client.resources(VMIncarnation.class)
                            .inNamespace(namespace)
                            .withName(name)
                            .get()
                    == null;
        } catch (KubernetesClientException e) {
            return false;
        }
    }
}
