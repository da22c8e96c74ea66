package io.trustedlaunch.operator.identity;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.javaoperatorsdk.operator.processing.event.source.filter.GenericFilter;
import io.trustedlaunch.custody.CertificatePurpose;

/** Requests to other signers, kubelets' above all, are none of our business. */
public final class OurSigners implements GenericFilter<CertificateSigningRequest> {
    @Override
    public boolean accept(CertificateSigningRequest request) {
        return CertificatePurpose.ofSigner(request.getSpec().getSignerName()).isPresent();
    }
}
