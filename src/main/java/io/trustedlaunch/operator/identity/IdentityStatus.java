package io.trustedlaunch.operator.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestConditionBuilder;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.Certificates;
import java.security.cert.X509Certificate;
import java.util.Base64;

/** Builds the answered request. Pure. */
final class IdentityStatus {
    private IdentityStatus() {}

    static CertificateSigningRequest approved(CertificateSigningRequest request, String message) {
        return withCondition(request, "Approved", Reason.CertificateIssued, message);
    }

    static CertificateSigningRequest denied(CertificateSigningRequest request, String message) {
        return withCondition(request, "Denied", Reason.CertificateDenied, message);
    }

    static CertificateSigningRequest failed(CertificateSigningRequest request, String message) {
        return withCondition(request, "Failed", Reason.CertificateDenied, message);
    }

    static CertificateSigningRequest issued(CertificateSigningRequest request, X509Certificate certificate) {
        byte[] pem = Certificates.toPem(certificate).getBytes(US_ASCII);
        return new CertificateSigningRequestBuilder(request)
                .editOrNewStatus()
                .withCertificate(Base64.getEncoder().encodeToString(pem))
                .endStatus()
                .build();
    }

    /** The API server sets the times. */
    private static CertificateSigningRequest withCondition(
            CertificateSigningRequest request, String type, Reason reason, String message) {
        return new CertificateSigningRequestBuilder(request)
                .editOrNewStatus()
                .addToConditions(new CertificateSigningRequestConditionBuilder()
                        .withType(type)
                        .withStatus("True")
                        .withReason(reason.name())
                        .withMessage(message)
                        .build())
                .endStatus()
                .build();
    }
}
