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
 * One end of the mutual TLS between agents: this node's key and certificate, and the authority that the other end's must
 * be of.
 *
 * <p>Every connection has a context of its own, so that none is resumed: a resumed one would believe the certificate of
 * the first.
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

    /** Whether it is still what such files would make. */
    public boolean isOf(X509Certificate otherCertificate, NodeCertificateVerifier otherAuthority) {
        return certificate.equals(otherCertificate) && authority.authorityPem().equals(otherAuthority.authorityPem());
    }

    /** For a connection from any node's agent; {@link #peer} tells which it is. */
    public SSLContext toAnyNode() {
        return context(presented -> authority.verify(presented, CertificatePurpose.AGENT, clock.instant()));
    }

    /** For a connection with the agent of this node and no other, whatever its address. */
    public SSLContext toNode(String nodeName) {
        return context(presented -> authority.verify(presented, nodeName, CertificatePurpose.AGENT, clock.instant()));
    }

    /** For a connection from whoever has a key that is let in; {@link SessionKey#fingerprint} tells which it has. */
    public SSLContext toSession(Predicate<String> isLetIn) {
        return TlsContexts.of(
                keys,
                presented -> isLetIn.test(SessionKey.fingerprint(presented))
                        ? Optional.empty()
                        : Optional.of("the key is of no session that is open here"),
                random);
    }

    /** The node at the other end; empty where it has not proved to be one. */
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
