package io.trustedlaunch.custody;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Function;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** TLS with one key, and one rule for the other end's certificate. */
final class TlsContexts {
    static final String PROTOCOL = "TLSv1.3";

    /** A key store needs one even if it is never written. */
    private static final char[] UNUSED_PASSWORD = {'-'};

    /** One round for a key that stays in memory: the default of ten thousand takes longer than the handshake. */
    private static final KeyStore.ProtectionParameter NONE = new KeyStore.PasswordProtection(
            UNUSED_PASSWORD,
            "PBEWithHmacSHA256AndAES_256",
            new PBEParameterSpec(new byte[16], 1, new IvParameterSpec(new byte[16])));

    private TlsContexts() {}

    /** @param refusal the reason to refuse the other end's certificate; empty to accept it */
    static SSLContext of(KeyManager[] keys, Function<X509Certificate, Optional<String>> refusal, SecureRandom random) {
        return of(keys, new TrustManager[] {new OneRule(refusal)}, random);
    }

    static SSLContext of(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {
        try {
            SSLContext context = SSLContext.getInstance(PROTOCOL);
            context.init(keys, trust, random);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS 1.3", e);
        }
    }

    static KeyManager[] keys(PrivateKey key, X509Certificate certificate) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setEntry("own", new KeyStore.PrivateKeyEntry(key, new Certificate[] {certificate}), NONE);
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, UNUSED_PASSWORD);
            return factory.getKeyManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("a key store in memory", e);
        }
    }

    /** Checks the first certificate only: its key is the one that TLS proves. */
    private record OneRule(Function<X509Certificate, Optional<String>> refusal) implements X509TrustManager {
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
            Optional<String> why = refusal.apply(chain[0]);
            if (why.isPresent()) {
                throw new CertificateException(why.get());
            }
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
