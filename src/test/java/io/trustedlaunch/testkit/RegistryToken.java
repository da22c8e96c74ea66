package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Collectors;

/** Makes tokens that {@link DockerRegistry} accepts: JWTs signed with the key of its certificate. */
public record RegistryToken(PrivateKey key, X509Certificate certificate) {
    private static final int VALIDITY_SECONDS = 600;

    public static RegistryToken of(ServerCertificate certificate) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        char[] password = ServerCertificate.PASSWORD.toCharArray();
        try (InputStream in = Files.newInputStream(certificate.folder().resolve("server.p12"))) {
            store.load(in, password);
        }
        String alias = store.aliases().nextElement();
        return new RegistryToken(
                (PrivateKey) store.getKey(alias, password), (X509Certificate) store.getCertificate(alias));
    }

    public String forActions(String repository, String... actions) throws GeneralSecurityException {
        String header = "{\"typ\": \"JWT\", \"alg\": \"ES256\", \"x5c\": [\""
                + Base64.getEncoder().encodeToString(certificate.getEncoded()) + "\"]}";
        long now = Instant.now().getEpochSecond();
        String granted =
                Arrays.stream(actions).map(action -> "\"" + action + "\"").collect(Collectors.joining(", "));
        String claims = "{\"iss\": \"test\", \"sub\": \"ada\", \"aud\": \"test\", \"jti\": \"1\", \"iat\": " + now
                + ", \"nbf\": " + (now - VALIDITY_SECONDS) + ", \"exp\": " + (now + VALIDITY_SECONDS)
                + ", \"access\": [{\"type\": \"repository\", \"name\": \"" + repository + "\", \"actions\": [" + granted
                + "]}]}";
        String signed = encoded(header.getBytes(UTF_8)) + "." + encoded(claims.getBytes(UTF_8));
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(key);
        signature.update(signed.getBytes(UTF_8));
        return signed + "." + encoded(signature.sign());
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
