package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.testkit.CatalogSigningKey;
import io.trustedlaunch.testkit.OpenSsl;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogSignerTest {
    private static final byte[] CONTENT = "{\"serial\": 1}\n".getBytes(UTF_8);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"EC -pkeyopt ec_paramgen_curve:P-256", "RSA -pkeyopt rsa_keygen_bits:2048"})
    void aSignatureThatOpenSslMadeVerifiesOverTheseBytesAndNoOthers(String kind) throws Exception {
        Path content = Files.write(folder.resolve("catalog.json"), CONTENT);
        openssl("genpkey -algorithm " + kind + " -out " + folder + "/key.pem");
        openssl("pkey -in " + folder + "/key.pem -pubout -out " + folder + "/key.pub");
        openssl("dgst -sha256 -sign " + folder + "/key.pem -out " + folder + "/sig " + content);
        openssl("base64 -in " + folder + "/sig -out " + folder + "/catalog.json.sig");

        CatalogSigner signer = CatalogSigner.fromPem(Files.readString(folder.resolve("key.pub")));
        byte[] signature = CatalogSigner.decode(Files.readString(folder.resolve("catalog.json.sig")))
                .orElseThrow();
        assertThat(signer.signed(CONTENT, signature)).isTrue();
        for (int i = 0; i < CONTENT.length; i++) {
            byte[] other = CONTENT.clone();
            other[i] ^= 1;
            assertThat(signer.signed(other, signature)).as("byte %d changed", i).isFalse();
        }
        assertThat(signer.signed(new byte[0], signature)).isFalse();
    }

    /**
     * Made by cosign 2.6.5 (sign-blob --tlog-upload=false --output-signature); {@link CosignIT} has it make them anew.
     *
     * @param kind a key pair that cosign generated, and an RSA key that it imported
     */
    @ParameterizedTest
    @ValueSource(strings = {"ecdsa", "rsa"})
    void aSignatureThatCosignMadeVerifiesOverTheseBytesAndNoOthers(String kind) throws Exception {
        CatalogSigner signer = CatalogSigner.fromPem(ofCosign(kind + ".pub"));
        byte[] signature = CatalogSigner.decode(ofCosign(kind + ".sig")).orElseThrow();
        assertThat(signer.signed(CONTENT, signature)).isTrue();
        assertThat(signer.signed("{\"serial\": 2}\n".getBytes(UTF_8), signature))
                .isFalse();
    }

    private static String ofCosign(String file) throws IOException {
        try (InputStream stream = CatalogSignerTest.class.getResourceAsStream("cosign/" + file)) {
            return new String(stream.readAllBytes(), UTF_8);
        }
    }

    @Test
    void aDamagedSignatureAndOneOfAnotherKeyVerifyNothing() {
        CatalogSigningKey key = CatalogSigningKey.ecdsa();
        CatalogSigner signer = CatalogSigner.fromPem(key.publicKey());
        byte[] signature = Base64.getDecoder().decode(key.sign(CONTENT));
        assertThat(signer.signed(CONTENT, signature)).isTrue();
        for (int i = 0; i < signature.length; i++) {
            byte[] damaged = signature.clone();
            damaged[i] ^= (byte) 0x80;
            assertThat(signer.signed(CONTENT, damaged)).as("byte %d", i).isFalse();
        }
        assertThat(CatalogSigner.fromPem(CatalogSigningKey.ecdsa().publicKey()).signed(CONTENT, signature))
                .isFalse();
        assertThat(CatalogSigner.fromPem(CatalogSigningKey.rsa(2048).publicKey())
                        .signed(CONTENT, signature))
                .isFalse();
    }

    /** The signature that verified anything in a JDK (CVE-2022-21449), and its like. */
    @ParameterizedTest
    @ValueSource(strings = {"3006020100020100", "3006020101020100", "3000", "00", "30"})
    void aSignatureOfZerosVerifiesNothing(String hex) {
        CatalogSigner signer = CatalogSigner.fromPem(CatalogSigningKey.ecdsa().publicKey());
        assertThat(signer.signed(CONTENT, java.util.HexFormat.of().parseHex(hex)))
                .isFalse();
    }

    @Test
    void keysThatAreTooWeakOrOfOtherKindsAreRefused() throws Exception {
        assertThatThrownBy(
                        () -> CatalogSigner.fromPem(CatalogSigningKey.rsa(1024).publicKey()))
                .hasMessageContaining("1024 bits");
        openssl("genpkey -algorithm ED25519 -out " + folder + "/ed.pem");
        openssl("pkey -in " + folder + "/ed.pem -pubout -out " + folder + "/ed.pub");
        String ed = Files.readString(folder.resolve("ed.pub"));
        assertThatThrownBy(() -> CatalogSigner.fromPem(ed)).hasMessageContaining("neither for P-256 nor for RSA");
        openssl("ecparam -name secp384r1 -genkey -noout -out " + folder + "/p384.pem");
        openssl("pkey -in " + folder + "/p384.pem -pubout -out " + folder + "/p384.pub");
        String p384 = Files.readString(folder.resolve("p384.pub"));
        assertThatThrownBy(() -> CatalogSigner.fromPem(p384)).hasMessageContaining("neither for P-256 nor for RSA");
        String secret = Files.readString(folder.resolve("ed.pem"));
        assertThatThrownBy(() -> CatalogSigner.fromPem(secret))
                .hasMessageContaining("private key")
                .hasMessageNotContaining(secret.lines().toList().get(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"})
    void whatIsNoKeyIsRefused(String text) {
        assertThatThrownBy(() -> CatalogSigner.fromPem(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void twoKeysInOneTextAreRefused() {
        String key = CatalogSigningKey.ecdsa().publicKey();
        assertThatThrownBy(() -> CatalogSigner.fromPem(key + key)).hasMessageContaining("more than one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n", "no base64!", "====", "\u00e9"})
    void whatIsNoBase64IsNoSignature(String text) {
        assertThat(CatalogSigner.decode(text)).isEmpty();
    }

    @Test
    void aSignatureMayStandInLines() {
        assertThat(CatalogSigner.decode("AA\r\nEC\nAw==\n")).contains(new byte[] {0, 1, 2, 3});
        assertThat(CatalogSigner.decode("A".repeat(4096))).isPresent();
        assertThat(CatalogSigner.decode("A".repeat(4100))).isEmpty();
    }

    @Test
    void aKeyIdIsShortAndOfTheKey() {
        String key = CatalogSigningKey.ecdsa().publicKey();

        assertThat(CatalogSigner.fromPem(key).keyId())
                .matches("[0-9a-f]{16}")
                .isEqualTo(CatalogSigner.fromPem(key).keyId())
                .isNotEqualTo(CatalogSigner.fromPem(CatalogSigningKey.ecdsa().publicKey())
                        .keyId());
    }

    private static void openssl(String arguments) throws Exception {
        OpenSsl.run(arguments.split(" "));
    }
}
