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
 * A certificate, for localhost if nothing else is said, by an authority of its own.
 *
 * @param folder has them as files: {@code server.key}, {@code server.crt}
 * @param authority the certificate of the authority, in PEM
 */
public record ServerCertificate(Path folder, String authority, SSLContext context) {
    static final String PASSWORD = "test";

    /** @param days how long it counts; a negative number makes one that is over */
    public static ServerCertificate make(Path folder, int days)
            throws IOException, InterruptedException, GeneralSecurityException {
        return make(folder, days, "DNS:localhost,IP:127.0.0.1");
    }

    /** @param names as OpenSSL writes them */
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
