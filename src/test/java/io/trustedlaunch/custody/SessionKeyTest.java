package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.OpenSsl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.HexFormat;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionKeyTest {
    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock = InstantSource.fixed(CustodyFixture.NOW);

    @TempDir
    private Path folder;

    @Test
    void aFingerprintIsTheSha256OfThePublicKeyThatOpensslSees() throws Exception {
        NodeKeyPair pair = NodeKeyPair.generate(random);
        X509Certificate certificate = new CustodyFixture().issue(pair, "host-a", CertificatePurpose.AGENT);
        Path key = Files.writeString(folder.resolve("key.pem"), pair.toPem());
        Path publicKey = folder.resolve("key.der");
        OpenSsl.run("pkey", "-in", key.toString(), "-pubout", "-outform", "DER", "-out", publicKey.toString());

        assertThat(SessionKey.fingerprint(certificate)).isEqualTo(sha256(Files.readAllBytes(publicKey)));
    }

    @Test
    void eachSessionHasAKeyOfItsOwn() {
        assertThat(SessionKey.generate(clock, random).fingerprint())
                .isNotEqualTo(SessionKey.generate(clock, random).fingerprint());
    }

    @Test
    void aClientThatShowsNoCertificateHasNoFingerprint() throws Exception {
        SessionKey key = SessionKey.generate(clock, random);
        CustodyFixture fixture = new CustodyFixture();
        NodeKeyPair pair = NodeKeyPair.generate(random);
        NodeChannel node = new NodeChannel(
                pair,
                fixture.issue(pair, "host-a", CertificatePurpose.AGENT),
                fixture.authority.verifier(),
                clock,
                random);
        SSLContext server = node.toSession(key.fingerprint()::equals);

        Handshake anonymous = Handshake.between(key.toNode(fixture.authority.verifier(), "host-a"), server, false);

        assertThat(SessionKey.fingerprint(anonymous.server())).isEmpty();
    }

    private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
