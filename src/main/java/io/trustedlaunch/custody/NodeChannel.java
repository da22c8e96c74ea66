package io.trustedlaunch.custody;

import io.trustedlaunch.custody.CertificateVerdict.Accepted;
import io.trustedlaunch.custody.CertificateVerdict.Refused;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * One end of the mutual TLS between agents: this node's key and certificate, and the authority of the other end's
 * certificate.
 *
 * <p>Every connection has a context of its own, so that none is resumed: a resumed connection would not check the
 * certificate again.
 */
public final class NodeChannel {
    public static final String PROTOCOL = TlsContexts.PROTOCOL;

    private final X509Certificate certificate;
    private final NodeCertificateVerifier authority;
    private final KeyManager[] keys;
    private final InstantSource clock;
    private final SecureRandom random;

    /** @param certificate for {@link CertificatePurpose#AGENT}, of {@code pair} */
    public NodeChannel(
            NodeKeyPair pair,
            X509Certificate certificate,
            NodeCertificateVerifier authority,
            InstantSource clock,
            SecureRandom random) {
        this.certificate = certificate;
        this.authority = authority;
        this.keys = TlsContexts.keys(pair.privateKey(), certificate);
        this.clock = clock;
        this.random = random;
    }

    /** Whether it was made from this certificate and this authority. */
    public boolean isOf(X509Certificate otherCertificate, NodeCertificateVerifier otherAuthority) {
        return certificate.equals(otherCertificate) && authority.authorityPem().equals(otherAuthority.authorityPem());
    }

    /** The context for a connection from any node's agent; {@link #peer} returns which one. */
    public SSLContext toAnyNode() {
        return context(presented -> authority.verify(presented, CertificatePurpose.AGENT, clock.instant()));
    }

    /** The context for a connection with this node's agent only, at any address. */
    public SSLContext toNode(String nodeName) {
        return context(presented -> authority.verify(presented, nodeName, CertificatePurpose.AGENT, clock.instant()));
    }

    /** The context for a connection from a client with an admitted key; {@link SessionKey#fingerprint} returns which one. */
    public SSLContext toSession(Predicate<String> isAdmitted) {
        return TlsContexts.of(
                keys,
                presented -> isAdmitted.test(SessionKey.fingerprint(presented))
                        ? Optional.empty()
                        : Optional.of("the key does not belong to an open session"),
                random);
    }

    /** The context for a connection from a client with a certificate of that authority. */
    public SSLContext toClientOf(ClientAuthority clients) {
        return TlsContexts.of(keys, clients.trust(), random);
    }

    /** The node at the other end; empty if it did not prove to be one. */
    public Optional<String> peer(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain[0] instanceof X509Certificate presented
                            && authority.verify(presented, CertificatePurpose.AGENT, clock.instant())
                                    instanceof Accepted(VerifiedCertificate verified)
                    ? Optional.of(verified.nodeName())
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }

    private SSLContext context(Function<X509Certificate, CertificateVerdict> verdict) {
        return TlsContexts.of(
                keys,
                presented -> verdict.apply(presented) instanceof Refused refused
                        ? Optional.of(refused.message())
                        : Optional.empty(),
                random);
    }
}
