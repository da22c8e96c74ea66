package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTrustTest {
    private static final String NAME = "registry";

    private final SecureRandom random = new SecureRandom();
    /** The JDK's own trust manager reads no clock but the machine's. */
    private final Instant now = Instant.now();

    private final NodeCertificateAuthority authority = authority();
    private final NodeCertificateAuthority other = authority();

    @Test
    void aServerOfAListedAuthorityIsTrustedAndNoOther() throws Exception {
        SSLContext client = ServerTrust.only(authority.certificatePem());

        assertThat(handshake(client, server(authority, now)).client().getPeerCertificates())
                .hasSize(1);
        assertThatThrownBy(() -> handshake(client, server(other, now))).isInstanceOf(SSLException.class);
    }

    @Test
    void everyAuthorityInABundleCounts() throws Exception {
        SSLContext client = ServerTrust.only("# ours\n" + authority.certificatePem() + other.certificatePem());

        handshake(client, server(authority, now));
        handshake(client, server(other, now));
        assertThatThrownBy(() -> handshake(client, server(authority(), now))).isInstanceOf(SSLException.class);
    }

    @Test
    void anExpiredServerIsRefused() {
        SSLContext client = ServerTrust.only(authority.certificatePem());

        assertThatThrownBy(() -> handshake(client, server(authority, now.minus(Duration.ofDays(2)))))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("validity");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a text",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nMIIB",
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            })
    void aBundleWithoutACertificateIsRefused(String bundle) {
        assertThatIllegalArgumentException().isThrownBy(() -> ServerTrust.only(bundle));
    }

    @Test
    void aBundleWithADamagedCertificateIsRefusedAsAWhole() {
        String damaged = authority.certificatePem() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

        assertThatIllegalArgumentException().isThrownBy(() -> ServerTrust.only(damaged));
    }

    private Handshake handshake(SSLContext client, SSLContext server) throws SSLException {
        return Handshake.between(client, server, false);
    }

    /** Its certificate lasts a day. */
    private SSLContext server(NodeCertificateAuthority issuer, Instant issued) {
        NodeKeyPair pair = NodeKeyPair.generate(random);
        return TlsContexts.of(
                TlsContexts.keys(
                        pair.privateKey(),
                        issuer.issue(
                                CertificateRequest.parse(pair.certificateRequest(random)),
                                new NodeSubject(NAME),
                                CertificatePurpose.AGENT,
                                issued,
                                Duration.ofDays(1),
                                random)),
                presented -> Optional.empty(),
                random);
    }

    private NodeCertificateAuthority authority() {
        return NodeCertificateAuthority.create(
                PublishedAuthority.NODES, random, now.minus(Duration.ofDays(10)), Duration.ofDays(100));
    }
}
