package io.trustedlaunch.custody;

import io.trustedlaunch.custody.CertificateVerdict.Refused;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.crypto.digests.SHA256Digest;

/**
 * A key for one session of a user with a node's agent. No authority certifies it: the agent gets its
 * {@link #fingerprint} from the VMConsole. It is kept in memory only.
 */
public final class SessionKey {
    public static final String PROTOCOL = TlsContexts.PROTOCOL;

    /** TLS needs a certificate; the length of a session is limited elsewhere. */
    private static final Duration LIFETIME = Duration.ofDays(1);

    private final SigningPair pair;
    private final InstantSource clock;
    private final SecureRandom random;

    private SessionKey(SigningPair pair, InstantSource clock, SecureRandom random) {
        this.pair = pair;
        this.clock = clock;
        this.random = random;
    }

    public static SessionKey generate(InstantSource clock, SecureRandom random) {
        return new SessionKey(
                SigningPair.create("session", clock.instant(), clock.instant().plus(LIFETIME), random), clock, random);
    }

    /** SHA-256 of the public key, in hexadecimal. */
    public String fingerprint() {
        return fingerprint(pair.certificate());
    }

    /** The context for a connection with this node's agent only, at any address. */
    public SSLContext toNode(NodeCertificateVerifier authority, String nodeName) {
        return TlsContexts.of(
                TlsContexts.keys(pair.pair().getPrivate(), pair.certificate()),
                presented -> authority.verify(presented, nodeName, CertificatePurpose.AGENT, clock.instant())
                                instanceof Refused refused
                        ? Optional.of(refused.message())
                        : Optional.empty(),
                random);
    }

    /**
     * Names the session in the handshake (SNI), before it begins.
     *
     * @param session UID of the VMConsole
     */
    public static void name(SSLSocket socket, String session) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(session)));
        socket.setSSLParameters(parameters);
    }

    /** The UID of the VMConsole that the client names; empty if it names none. */
    public static Optional<String> named(SSLSession session) {
        return session instanceof ExtendedSSLSession extended
                ? extended.getRequestedServerNames().stream()
                        .filter(SNIHostName.class::isInstance)
                        .map(name -> ((SNIHostName) name).getAsciiName())
                        .findFirst()
                : Optional.empty();
    }

    /** The fingerprint of the other end's key, which it proved to have; empty if it showed none. */
    public static Optional<String> fingerprint(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain[0] instanceof X509Certificate presented
                    ? Optional.of(fingerprint(presented))
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }

    static String fingerprint(X509Certificate certificate) {
        byte[] key = certificate.getPublicKey().getEncoded();
        SHA256Digest digest = new SHA256Digest();
        digest.update(key, 0, key.length);
        byte[] hash = new byte[digest.getDigestSize()];
        digest.doFinal(hash, 0);
        return HexFormat.of().formatHex(hash);
    }
}
