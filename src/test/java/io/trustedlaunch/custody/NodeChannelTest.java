package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which TLS peers the agents accept, in real handshakes. */
class NodeChannelTest {
    private static final Instant NOW = CustodyFixture.NOW;

    private final CustodyFixture fixture = new CustodyFixture();
    private final AtomicReference<Instant> time = new AtomicReference<>(NOW);
    private final NodeChannel hostA = channel(fixture, "host-a", CertificatePurpose.AGENT, NOW);
    private final NodeChannel hostB = channel(fixture, "host-b", CertificatePurpose.AGENT, NOW);

    @Test
    void eachEndLearnsTheOthersNode() throws Exception {
        Handshake made = Handshake.between(hostA.toNode("host-b"), hostB.toAnyNode());

        assertThat(hostA.peer(made.client())).contains("host-b");
        assertThat(hostB.peer(made.server())).contains("host-a");
    }

    @Test
    void anotherNodeThanTheOneCalledIsRefused() {
        assertThatThrownBy(() -> Handshake.between(hostA.toNode("host-c"), hostB.toAnyNode()))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("is of node host-b, not of host-c");
        assertThatThrownBy(() -> Handshake.between(hostA.toNode("host-b"), hostB.toNode("host-c")))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("is of node host-a, not of host-c");
    }

    static Stream<Arguments> certificatesThatAreRefused() {
        Duration lifetime = CustodyFixture.LIFETIME;
        return Stream.of(
                Arguments.of(CertificatePurpose.SEALING, NOW, "is not a certificate for agent"),
                Arguments.of(CertificatePurpose.AGENT, NOW.minus(lifetime).minusSeconds(1), "expired at"),
                Arguments.of(CertificatePurpose.AGENT, NOW.plus(Duration.ofDays(1)), "is valid from"));
    }

    @ParameterizedTest
    @MethodSource("certificatesThatAreRefused")
    void aCertificateForAnotherPurposeOrTimeIsRefusedAtEitherEnd(
            CertificatePurpose purpose, Instant issued, String reason) {
        assertRefusedAtEitherEnd(channel(fixture, "host-b", purpose, issued), reason);
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefusedAtEitherEnd() {
        assertRefusedAtEitherEnd(
                channel(new CustodyFixture(), "host-b", CertificatePurpose.AGENT, NOW),
                "was not issued by this cluster's authority");
    }

    /** The private key that TLS proves is of the first certificate only. */
    @Test
    void aStolenCertificateBehindAnotherOneProvesNothing() throws Exception {
        X509Certificate stolen =
                fixture.issue(NodeKeyPair.generate(fixture.random), "host-b", CertificatePurpose.AGENT);
        SigningPair own = SigningPair.create("anyone", NOW, NOW.plus(CustodyFixture.LIFETIME), fixture.random);
        SSLContext thief = SSLContext.getInstance(NodeChannel.PROTOCOL);
        thief.init(
                new KeyManager[] {new Presenting(own.pair().getPrivate(), own.certificate(), stolen)},
                new TrustManager[] {new TrustsAll()},
                fixture.random);

        assertThatThrownBy(() -> Handshake.between(hostA.toNode("host-b"), thief))
                .hasMessageContaining("was not issued by this cluster's authority");
        assertThatThrownBy(() -> Handshake.between(thief, hostA.toAnyNode()))
                .hasMessageContaining("was not issued by this cluster's authority");
    }

    @Test
    void aClientWithoutACertificateIsRefusedAndIsNoPeerWhereItIsLetIn() throws Exception {
        SSLContext anonymous = SSLContext.getInstance(NodeChannel.PROTOCOL);
        anonymous.init(null, new TrustManager[] {new TrustsAll()}, fixture.random);

        assertThatThrownBy(() -> Handshake.between(anonymous, hostA.toAnyNode()))
                .isInstanceOf(SSLException.class);
        assertThat(hostA.peer(
                        Handshake.between(anonymous, hostA.toAnyNode(), false).server()))
                .isEmpty();
    }

    @Test
    void theClockIsReadAtEachHandshakeAndForEachPeer() throws Exception {
        SSLContext toHostB = hostA.toNode("host-b");
        Handshake made = Handshake.between(toHostB, hostB.toAnyNode());
        time.set(NOW.plus(CustodyFixture.LIFETIME).plusSeconds(1));

        assertThat(hostA.peer(made.client())).isEmpty();
        assertThatThrownBy(() -> Handshake.between(hostA.toNode("host-b"), hostB.toAnyNode()))
                .hasMessageContaining("expired at");
    }

    /** A resumed connection would skip the check of the certificate. */
    @Test
    void noTwoConnectionsShareAContext() {
        assertThat(hostA.toNode("host-b")).isNotSameAs(hostA.toNode("host-b"));
        assertThat(hostA.toAnyNode()).isNotSameAs(hostA.toAnyNode());
    }

    @Test
    void aChannelIsOfItsCertificateAndItsAuthority() {
        NodeKeyPair pair = NodeKeyPair.generate(fixture.random);
        X509Certificate certificate = fixture.issue(pair, "host-a", CertificatePurpose.AGENT);
        NodeCertificateVerifier authority = fixture.authority.verifier();
        NodeChannel channel = new NodeChannel(pair, certificate, authority, time::get, fixture.random);

        assertThat(channel.isOf(
                        Certificates.fromPem(Certificates.toPem(certificate)),
                        NodeCertificateVerifier.fromPem(authority.authorityPem())))
                .isTrue();
        assertThat(channel.isOf(fixture.issue(pair, "host-a", CertificatePurpose.AGENT), authority))
                .isFalse();
        assertThat(channel.isOf(certificate, new CustodyFixture().authority.verifier()))
                .isFalse();
    }

    @Test
    void aSessionIsLetInByItsKeyAloneAndReachesItsNodeOnly() throws Exception {
        SessionKey key = SessionKey.generate(time::get, fixture.random);
        SSLContext known = hostB.toSession(key.fingerprint()::equals);
        SSLContext unknown = hostB.toSession(fingerprint -> false);
        NodeCertificateVerifier authority = fixture.authority.verifier();

        Handshake made = Handshake.between(key.toNode(authority, "host-b"), known);

        assertThat(SessionKey.fingerprint(made.server())).contains(key.fingerprint());
        assertThatThrownBy(() -> Handshake.between(key.toNode(authority, "host-b"), unknown))
                .hasMessageContaining("does not belong to an open session");
        assertThatThrownBy(() -> Handshake.between(key.toNode(authority, "host-a"), known))
                .hasMessageContaining("is of node host-b, not of host-a");
        assertThatThrownBy(
                        () -> Handshake.between(key.toNode(new CustodyFixture().authority.verifier(), "host-b"), known))
                .hasMessageContaining("was not issued by this cluster's authority");
        assertThatThrownBy(() -> Handshake.between(key.toNode(authority, "host-b"), hostB.toAnyNode()))
                .hasMessageContaining("was not issued by this cluster's authority");
    }

    private void assertRefusedAtEitherEnd(NodeChannel peer, String reason) {
        assertThatThrownBy(() -> Handshake.between(hostA.toNode("host-b"), peer.toAnyNode()))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining(reason);
        assertThatThrownBy(() -> Handshake.between(hostA.toAnyNode(), peer.toAnyNode()))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining(reason);
        assertThatThrownBy(() -> Handshake.between(peer.toNode("host-a"), hostA.toAnyNode()))
                .isInstanceOf(SSLException.class)
                .hasMessageContaining(reason);
    }

    private NodeChannel channel(CustodyFixture issuer, String nodeName, CertificatePurpose purpose, Instant issued) {
        NodeKeyPair pair = NodeKeyPair.generate(fixture.random);
        X509Certificate certificate = issuer.issue(pair, nodeName, purpose, issued);
        return new NodeChannel(pair, certificate, fixture.authority.verifier(), time::get, fixture.random);
    }

    private static final class Presenting extends X509ExtendedKeyManager {
        private final PrivateKey key;
        private final X509Certificate[] chain;

        Presenting(PrivateKey key, X509Certificate... chain) {
            this.key = key;
            this.chain = chain;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return new String[] {"own"};
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
            return "own";
        }

        @Override
        public String chooseEngineClientAlias(String[] keyType, Principal[] issuers, SSLEngine engine) {
            return "own";
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return new String[] {"own"};
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return "own";
        }

        @Override
        public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
            return "EC".equals(keyType) ? "own" : null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain;
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }
    }

    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
