package io.trustedlaunch.custody;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** The authorities that an HTTPS server's certificate must come from. */
public final class ServerTrust {
    private ServerTrust() {}

    /**
     * Only these authorities, and none of the system's.
     *
     * @throws IllegalArgumentException if the bundle has no certificate, or anything else
     */
    public static SSLContext only(String caBundle) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers(caBundle), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS", e);
        }
    }

    /** The same for a client that makes its own context. */
    public static TrustManager[] managers(String caBundle) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int number = 0;
            for (Certificate authority : certificates(caBundle)) {
                store.setCertificateEntry("ca-" + number++, authority);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("a trust store in memory", e);
        }
    }

    private static Collection<? extends Certificate> certificates(String caBundle) {
        try {
            Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(caBundle.getBytes(StandardCharsets.US_ASCII)));
            if (found.isEmpty()) {
                throw new IllegalArgumentException("holds no certificate in PEM");
            }
            return found;
        } catch (CertificateException e) {
            throw new IllegalArgumentException("is not a list of certificates in PEM", e);
        }
    }
}
