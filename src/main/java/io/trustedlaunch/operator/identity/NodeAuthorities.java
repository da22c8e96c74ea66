package io.trustedlaunch.operator.identity;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.custody.NodeCertificateAuthority;

/**
 * The authorities that certify nodes.
 *
 * @param agents for certificates that only the agent can read
 * @param qemu for certificates that QEMU reads
 */
public record NodeAuthorities(
        AuthorityStore<NodeCertificateAuthority> agents, AuthorityStore<NodeCertificateAuthority> qemu) {

    AuthorityStore<NodeCertificateAuthority> of(CertificatePurpose purpose) {
        return switch (purpose) {
            case SEALING, AGENT -> agents;
            case QEMU -> qemu;
        };
    }
}
