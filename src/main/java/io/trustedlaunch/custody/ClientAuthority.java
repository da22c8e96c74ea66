package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Issues certificates to clients that are no part of this system, such as scrapers of metrics: an authority of the
 * administrator's. The JDK checks its certificates, by the rules of the web.
 */
public final class ClientAuthority {
    private static final String ALGORITHM = "PKIX";
    private static final String NONE = "has no certificates in PEM";

    private final TrustManager[] trust;

    private ClientAuthority(TrustManager[] trust) {
        this.trust = trust;
    }

    /**
     * @param bundle certificates in PEM, each of an authority
     * @throws IllegalArgumentException with a message that follows the name of the bundle
     */
    public static ClientAuthority fromPem(String bundle) {
        List<Certificate> certificates = certificates(bundle);
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException(NONE);
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (Certificate certificate : certificates) {
                store.setCertificateEntry("authority-" + store.size(), certificate);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(ALGORITHM);
            factory.init(store);
            return new ClientAuthority(factory.getTrustManagers());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("a key store in memory", e);
        }
    }

    private static List<Certificate> certificates(String bundle) {
        try {
            return List.copyOf(CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bundle.getBytes(UTF_8))));
        } catch (CertificateException e) {
            throw new IllegalArgumentException(NONE, e);
        }
    }

    TrustManager[] trust() {
        return trust.clone();
    }
}
