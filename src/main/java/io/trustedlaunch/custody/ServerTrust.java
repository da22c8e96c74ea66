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
import javax.net.ssl.TrustManagerFactory;

/** Whom an https server's certificate must be of. */
public final class ServerTrust {
    private ServerTrust() {}

    /** Nobody but these authorities: those of the system do not count.
     *
     * @throws IllegalArgumentException if it holds no certificate, or something else
     */
    public static SSLContext only(String caBundle) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int number = 0;
            for (Certificate authority : certificates(caBundle)) {
                store.setCertificateEntry("ca-" + number++, authority);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
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
            throw new IllegalArgumentException("is not certificates in PEM", e);
        }
    }
}
