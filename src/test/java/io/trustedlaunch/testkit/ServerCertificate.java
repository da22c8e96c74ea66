package io.trustedlaunch.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A server's certificate, by default for localhost, from its own authority.
 *
 * @param folder contains {@code server.key}, {@code server.crt} and {@code ca.crt}
 * @param authority the authority's certificate in PEM
 */
public record ServerCertificate(Path folder, String authority, SSLContext context) {
    static final String PASSWORD = "test";

    /** @param days of validity; a negative number makes an expired certificate */
    public static ServerCertificate make(Path folder, int days)
            throws IOException, InterruptedException, GeneralSecurityException {
        return make(folder, days, "DNS:localhost,IP:127.0.0.1");
    }

    /** @param names as in OpenSSL's subjectAltName */
    public static ServerCertificate make(Path folder, int days, String names)
            throws IOException, InterruptedException, GeneralSecurityException {
        Files.createDirectories(folder);
        String pair = "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ";
        Path extensions = Files.writeString(folder.resolve("extensions"), "subjectAltName=" + names + "\n");
        openssl(pair + "-x509 -days 2 -subj /CN=authority -keyout " + folder + "/ca.key -out " + folder + "/ca.crt");
        openssl(pair + "-subj /CN=localhost -keyout " + folder + "/server.key -out " + folder + "/server.csr");
        openssl("x509 -req -days " + days + " -in " + folder + "/server.csr -CA " + folder + "/ca.crt -CAkey " + folder
                + "/ca.key -set_serial 2 -extfile " + extensions + " -out " + folder + "/server.crt");
        openssl("pkcs12 -export -in " + folder + "/server.crt -inkey " + folder + "/server.key -out " + folder
                + "/server.p12 -passout pass:" + PASSWORD);
        return new ServerCertificate(
                folder, Files.readString(folder.resolve("ca.crt")), context(folder.resolve("server.p12")));
    }

    private static void openssl(String arguments) throws IOException, InterruptedException {
        OpenSsl.run(arguments.split(" "));
    }

    private static SSLContext context(Path pair) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(pair)) {
            store.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }
}
