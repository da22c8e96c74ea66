package io.trustedlaunch.custody;

import io.trustedlaunch.custody.CertificateVerdict.Accepted;
import io.trustedlaunch.custody.CertificateVerdict.Refused;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * One end of the mutual TLS between agents: this node's key and certificate, and the authority that the other end's must
 * be of.
 *
 * <p>Every connection has a context of its own, so that none is resumed: a resumed one would believe the certificate of
 * the first.
 */
public final class NodeChannel {
    public static final String PROTOCOL = "TLSv1.3";

    /** A key store has one, also where it is never stored. */
    private static final char[] UNUSED_PASSWORD = {'-'};

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
        this.keys = keys(pair, certificate);
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
        try {
            SSLContext context = SSLContext.getInstance(PROTOCOL);
            context.init(keys, new TrustManager[] {new OneAuthority(verdict)}, random);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS 1.3", e);
        }
    }

    private static KeyManager[] keys(NodeKeyPair pair, X509Certificate certificate) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("node", pair.privateKey(), UNUSED_PASSWORD, new Certificate[] {certificate});
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, UNUSED_PASSWORD);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("a key store in memory", e);
        }
    }

    /** One certificate, straight from the authority: chains are for others. */
    private record OneAuthority(Function<X509Certificate, CertificateVerdict> verdict) implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain);
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            if (chain.length == 0) {
                throw new CertificateException("no certificate was presented");
            }
            if (verdict.apply(chain[0]) instanceof Refused refused) {
                throw new CertificateException(refused.message());
            }
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
