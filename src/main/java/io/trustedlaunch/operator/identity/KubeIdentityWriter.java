package io.trustedlaunch.operator.identity;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;

/** Writes to a real API server. */
public final class KubeIdentityWriter implements IdentityWriter {
    private final KubernetesClient client;

    public KubeIdentityWriter(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public <T extends HasMetadata> T createIfAbsent(T resource) {
        try {
            return client.resource(resource).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            return client.resource(resource).get();
        }
    }

    @Override
    public void replace(ConfigMap configMap) {
        client.resource(configMap).update();
    }

    @Override
    public void replaceApproval(CertificateSigningRequest request) {
        client.resource(request).subresource("approval").update();
    }

    @Override
    public void replaceStatus(CertificateSigningRequest request) {
        client.resource(request).updateStatus();
    }
}
