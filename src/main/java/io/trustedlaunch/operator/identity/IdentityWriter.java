package io.trustedlaunch.operator.identity;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;

/** The writes of this room. */
public interface IdentityWriter {
    /** Creates it; one that is there already stays as it is. */
    void createIfAbsent(Secret secret);

    /** By server-side apply. */
    void apply(ConfigMap configMap);

    /** Writes the conditions that decide a request. A newer resourceVersion on the server is a conflict. */
    void updateApproval(CertificateSigningRequest request);

    /** Writes the certificate, or a failure. A newer resourceVersion on the server is a conflict. */
    void updateStatus(CertificateSigningRequest request);
}
