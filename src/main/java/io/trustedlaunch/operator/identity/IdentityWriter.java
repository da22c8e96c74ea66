package io.trustedlaunch.operator.identity;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;

/** The writes of this package. */
public interface IdentityWriter {
    /** Creates the object; if one of that name exists, returns it unchanged. */
    <T extends HasMetadata> T createIfAbsent(T resource);

    /** A newer resourceVersion on the server is a conflict. */
    void replace(ConfigMap configMap);

    /** Writes the conditions that decide a request. A newer resourceVersion on the server is a conflict. */
    void replaceApproval(CertificateSigningRequest request);

    /** Writes the certificate, or a failure. A newer resourceVersion on the server is a conflict. */
    void replaceStatus(CertificateSigningRequest request);
}
