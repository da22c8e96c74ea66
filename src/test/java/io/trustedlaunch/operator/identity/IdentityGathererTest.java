package io.trustedlaunch.operator.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.operator.identity.IdentityFacts.Progress;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdentityGathererTest {
    @Test
    void aNewRequestIsNeitherApprovedNorAnswered() {
        assertThat(IdentityGatherer.progress(request("").getStatus())).isEqualTo(Progress.NEW);
        assertThat(IdentityGatherer.progress(request("status: {}").getStatus())).isEqualTo(Progress.NEW);
    }

    @Test
    void approvalCountsOnlyUntilThereIsAnAnswer() {
        assertThat(progress("status: {conditions: [{type: Approved, status: 'True'}]}"))
                .isEqualTo(Progress.APPROVED);
        assertThat(progress("status: {certificate: eA==, conditions: [{type: Approved, status: 'True'}]}"))
                .isEqualTo(Progress.ANSWERED);
        assertThat(progress("status: {conditions: [{type: Approved, status: 'True'}, {type: Failed, status: 'True'}]}"))
                .isEqualTo(Progress.ANSWERED);
        assertThat(progress("status: {conditions: [{type: Denied, status: 'True'}]}"))
                .isEqualTo(Progress.ANSWERED);
    }

    @Test
    void theNodeIsTheOneOfTheToken() {
        assertThat(IdentityGatherer.nodeNames(request(""))).containsExactly("host-a");

        CertificateSigningRequest unbound = request("");
        unbound.getSpec().setExtra(null);
        assertThat(IdentityGatherer.nodeNames(unbound)).isEqualTo(List.of());
    }

    private static Progress progress(String status) {
        return IdentityGatherer.progress(request(status).getStatus());
    }

    private static CertificateSigningRequest request(String status) {
        return Serialization.unmarshal("""
                apiVersion: certificates.k8s.io/v1
                kind: CertificateSigningRequest
                metadata: {name: x}
                spec:
                  signerName: trustedlaunch.io/node-sealing
                  username: somebody
                  request: eA==
                  usages: [key agreement]
                  extra: {authentication.kubernetes.io/node-name: [host-a]}
                """ + status, CertificateSigningRequest.class);
    }
}
