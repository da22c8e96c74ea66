package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The names that the chart's RBAC, the API server and the nodes' files rely on. */
class CertificatePurposeTest {
    @ParameterizedTest
    @CsvSource({
        "SEALING, trustedlaunch.io/node-sealing, trusted-launch-ca, sealing, key agreement",
        "AGENT, trustedlaunch.io/node-agent, trusted-launch-ca, agent,"
                + " digital signature;key encipherment;client auth;server auth",
        "QEMU, trustedlaunch.io/node-qemu, trusted-launch-qemu-ca, qemu,"
                + " digital signature;key encipherment;client auth;server auth",
    })
    void eachPurposeHasItsSignerAndItsAuthority(
            CertificatePurpose purpose, String signer, String authority, String label, String usages) {
        assertThat(purpose.signerName()).isEqualTo(signer);
        assertThat(purpose.authority()).isEqualTo(authority);
        assertThat(purpose.label()).isEqualTo(label);
        assertThat(purpose.usages()).isEqualTo(List.of(usages.split(";")));
        assertThat(CertificatePurpose.ofSigner(signer)).contains(purpose);
    }

    @Test
    void signersOfOthersAreNotServed() {
        assertThat(CertificatePurpose.ofSigner("kubernetes.io/kubelet-serving")).isEmpty();
        assertThat(CertificatePurpose.ofSigner("trustedlaunch.io/node-agent2")).isEmpty();
        assertThat(CertificatePurpose.ofSigner("")).isEmpty();
    }
}
