package io.trustedlaunch.operator.identity;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.javaoperatorsdk.operator.processing.event.source.filter.GenericFilter;
import io.trustedlaunch.custody.CertificatePurpose;

/** Leaves out the requests to other signers, such as those of kubelets. */
public final class OwnSigners implements GenericFilter<CertificateSigningRequest> {
    @Override
    public boolean accept(CertificateSigningRequest request) {
        return CertificatePurpose.ofSigner(request.getSpec().getSignerName()).isPresent();
    }
}
