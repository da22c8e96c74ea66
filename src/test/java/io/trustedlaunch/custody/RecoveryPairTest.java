package io.trustedlaunch.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.testkit.OpenSsl;
import io.trustedlaunch.testkit.RecoveryPair;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which certificates and keys are accepted for recovery, and why the others are refused. */
class RecoveryPairTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "rsa:2048, an RSA key of 2048 bits",
        "ec:P-521, a key of another kind",
        "ed25519, a key of another kind",
    })
    void aPairThatIsTooWeakOrOfAnotherKindIsRefused(String kind, String why) {
        RecoveryPair pair = RecoveryPair.make(folder, kind);

        assertThatThrownBy(pair::certificate)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
        assertThatThrownBy(pair::key).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "rsa:3072, keyEncipherment, ",
        "rsa:3072, digitalSignature, keyEncipherment",
        "rsa:3072, keyAgreement, keyEncipherment",
        "ec:P-384, 'digitalSignature,keyAgreement', ",
        "ec:P-384, keyEncipherment, keyAgreement",
    })
    void keyUsageMustAllowIt(String kind, String usage, String missing) {
        RecoveryPair pair = RecoveryPair.make(folder, kind, "-addext", "keyUsage=" + usage);

        if (missing == null) {
            assertThat(pair.certificate().keyId()).isEqualTo(pair.key().keyId());
        } else {
            assertThatThrownBy(pair::certificate).hasMessage("does not allow " + missing + " in its keyUsage");
        }
    }

    @Test
    void aPrivateKeyBesideTheCertificateIsRefused() throws Exception {
        RecoveryPair pair = RecoveryPair.make(folder, "ec:P-256");
        String both = Files.readString(pair.certificateFile()) + Files.readString(pair.keyFile());

        assertThatThrownBy(() -> RecoveryCertificate.fromPem(both)).hasMessageContaining("treat that key as lost");
    }

    @Test
    void onlyOneCertificateIsAccepted() throws Exception {
        String one = Files.readString(RecoveryPair.make(folder, "ec:P-256").certificateFile());

        assertThatThrownBy(() -> RecoveryCertificate.fromPem(one + one))
                .hasMessageContaining("more than one PEM block");
        assertThatThrownBy(() -> RecoveryCertificate.fromPem("a text"))
                .hasMessageContaining("not one certificate in PEM");
        assertThatThrownBy(() -> RecoveryCertificate.fromPem("")).hasMessageContaining("not one certificate in PEM");
    }

    @Test
    void anExpiredCertificateIsAccepted() {
        RecoveryPair pair = RecoveryPair.make(folder, "ec:P-256", "-days", "1");

        assertThat(pair.certificate().isValidAt(Instant.now())).isTrue();
        assertThat(pair.certificate().isValidAt(Instant.parse("2100-01-01T00:00:00Z")))
                .isFalse();
        assertThat(pair.certificate().toString())
                .contains("CN=recovery", pair.key().keyId());
    }

    @ParameterizedTest
    @CsvSource({
        "rsa:3072, pkcs8 -topk8 -v2 aes-256-cbc -passout pass:right",
        "ec:P-384, pkcs8 -topk8 -v2 aes-256-cbc -scrypt -passout pass:right",
        "rsa:3072, rsa -traditional -aes256 -passout pass:right",
        "ec:P-256, ec -aes256 -passout pass:right",
    })
    void anEncryptedKeyOpensWithItsPasswordAlone(String kind, String command) throws Exception {
        RecoveryPair pair = RecoveryPair.make(folder, kind);
        String pem = converted(pair, command);

        assertThat(RecoveryKey.isEncrypted(pem)).isTrue();
        assertThat(RecoveryKey.fromPem(pem, Optional.of("right".toCharArray())).keyId())
                .isEqualTo(pair.key().keyId());
        assertThatThrownBy(() -> RecoveryKey.fromPem(pem, Optional.of("wrong".toCharArray())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("password does not open it");
        assertThatThrownBy(() -> RecoveryKey.fromPem(pem, Optional.empty()))
                .hasMessageContaining("there is no password");
    }

    @ParameterizedTest
    @CsvSource({"rsa:3072, rsa -traditional", "ec:P-384, ec"})
    void theOlderFormsAreRead(String kind, String command) throws Exception {
        RecoveryPair pair = RecoveryPair.make(folder, kind);
        String pem = converted(pair, command);

        assertThat(RecoveryKey.isEncrypted(pem)).isFalse();
        assertThat(RecoveryKey.fromPem(pem, Optional.empty()).keyId())
                .isEqualTo(pair.key().keyId());
    }

    @Test
    void theTextOfAKeyIsItsId() {
        RecoveryKey key = RecoveryPair.make(folder, "ec:P-256").key();

        assertThat(key.keyId()).matches("[0-9a-f]{16}");
        assertThat(key).hasToString("RecoveryKey[" + key.keyId() + "]");
    }

    @Test
    void parametersOfTheCurveMayStandBeforeAKey() throws Exception {
        Path key = folder.resolve("key.pem");
        OpenSsl.run("ecparam", "-name", "prime256v1", "-genkey", "-out", key.toString());

        assertThat(Files.readString(key)).contains("EC PARAMETERS");
        assertThat(RecoveryKey.fromPem(Files.readString(key), Optional.empty()).keyId())
                .hasSize(16);
    }

    @Test
    void whatIsNoKeyIsNotQuoted() {
        assertThatThrownBy(() -> RecoveryKey.fromPem(
                        "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", Optional.empty()))
                .hasMessageContaining("it is damaged")
                .hasMessageNotContaining("c2VjcmV0")
                .hasNoCause();
        assertThatThrownBy(() -> RecoveryKey.fromPem(
                        "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n",
                        Optional.of("unused".toCharArray())))
                .as("a password has no part in a key that is not encrypted")
                .hasMessageContaining("it is damaged (");
        assertThatThrownBy(() -> RecoveryKey.fromPem("secret", Optional.empty()))
                .hasMessage("it holds no private key in PEM");
    }

    private String converted(RecoveryPair pair, String command) throws Exception {
        Path out = folder.resolve("converted.pem");
        OpenSsl.run((command + " -in " + pair.keyFile() + " -out " + out).split(" "));
        return Files.readString(out);
    }
}
