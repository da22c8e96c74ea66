package io.trustedlaunch.operator.identity;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;

/** The writes of this room, to a real API server. */
public final class KubeIdentityWriter implements IdentityWriter {
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("trusted-launch-operator")
            .withForce(true)
            .build();

    private final KubernetesClient client;

    public KubeIdentityWriter(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public void createIfAbsent(Secret secret) {
        try {
            client.resource(secret).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    @Override
    public void apply(ConfigMap configMap) {
        client.resource(configMap).patch(APPLY);
    }

    @Override
    public void updateApproval(CertificateSigningRequest request) {
        client.resource(request).subresource("approval").update();
    }

    @Override
    public void updateStatus(CertificateSigningRequest request) {
        client.resource(request).updateStatus();
    }
}
