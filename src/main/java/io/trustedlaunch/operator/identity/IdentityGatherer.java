package io.trustedlaunch.operator.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestCondition;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestSpec;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestStatus;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.Enrolment;
import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.NodeCertificateAuthority;
import io.trustedlaunch.operator.identity.IdentityFacts.Progress;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads {@link IdentityFacts} from a CertificateSigningRequest. */
final class IdentityGatherer {
    /** Set by the API server from a token that is bound to a Node, or to a Pod on one. */
    private static final String NODE_NAME = "authentication.kubernetes.io/node-name";

    private final NodeAuthorities authorities;

    IdentityGatherer(NodeAuthorities authorities) {
        this.authorities = authorities;
    }

    IdentityFacts gather(CertificateSigningRequest request, Optional<ClusterNode> node) {
        CertificateSigningRequestSpec spec = request.getSpec();
        Progress progress = progress(request.getStatus());
        return IdentityFactsBuilder.builder()
                .name(request.getMetadata().getName())
                .signerName(spec.getSignerName())
                .progress(progress)
                .username(Optional.ofNullable(spec.getUsername()).orElse(""))
                .nodeNames(nodeNames(request))
                .requestPem(pem(spec.getRequest()))
                .usages(Set.copyOf(spec.getUsages()))
                .requestedLifetime(
                        Optional.ofNullable(spec.getExpirationSeconds()).map(Duration::ofSeconds))
                .enrolled(isEnrolled(node))
                .authority(
                        progress == Progress.ANSWERED ? new AuthorityState.Absent<>() : authority(spec.getSignerName()))
                .build();
    }

    private AuthorityState<NodeCertificateAuthority> authority(String signerName) {
        return CertificatePurpose.ofSigner(signerName)
                .map(purpose -> authorities.of(purpose).read())
                .orElseGet(AuthorityState.Absent::new);
    }

    static boolean isEnrolled(Optional<ClusterNode> node) {
        return Enrolment.isEnrolled(node.map(ClusterNode::getStatus));
    }

    static List<String> nodeNames(CertificateSigningRequest request) {
        return Optional.ofNullable(request.getSpec().getExtra())
                .map(extra -> extra.get(NODE_NAME))
                .orElse(List.of());
    }

    static Progress progress(CertificateSigningRequestStatus status) {
        if (status == null) {
            return Progress.NEW;
        }
        if (status.getCertificate() != null || hasCondition(status, "Denied") || hasCondition(status, "Failed")) {
            return Progress.ANSWERED;
        }
        return hasCondition(status, "Approved") ? Progress.APPROVED : Progress.NEW;
    }

    private static boolean hasCondition(CertificateSigningRequestStatus status, String type) {
        return status.getConditions().stream()
                .map(CertificateSigningRequestCondition::getType)
                .anyMatch(type::equals);
    }

    /** The API server has checked the base64, not its contents. */
    private static String pem(String base64) {
        return new String(Base64.getDecoder().decode(base64), US_ASCII);
    }
}
