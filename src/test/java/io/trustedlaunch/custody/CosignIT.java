package io.trustedlaunch.custody;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.testkit.OpenSsl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signatures that the real cosign makes, by {@code bin/campaign}; {@link CatalogSignerTest} has some that it made. */
@Tag("campaign")
class CosignIT {
    private static final byte[] CONTENT = "{\"serial\": 1}\n".getBytes(UTF_8);

    @TempDir
    Path folder;

    @Test
    void aBlobThatCosignSignedWithAKeyPairOfItsOwnVerifies() throws Exception {
        cosign("generate-key-pair");
        assertSigned("cosign.key", "cosign.pub");
    }

    @Test
    void aBlobThatCosignSignedWithAnRsaKeyVerifies() throws Exception {
        OpenSsl.run("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072", "-out", folder + "/rsa.pem");
        cosign("import-key-pair", "--key", "rsa.pem");
        assertSigned("import-cosign.key", "import-cosign.pub");
    }

    private void assertSigned(String key, String publicKey) throws Exception {
        Files.write(folder.resolve("catalog.json"), CONTENT);
        String printed = cosign("sign-blob", "--yes", "--tlog-upload=false", "--key", key, "catalog.json");
        cosign(
                "sign-blob",
                "--yes",
                "--tlog-upload=false",
                "--key",
                key,
                "--output-signature",
                "catalog.json.sig",
                "catalog.json");

        CatalogSigner signer = CatalogSigner.fromPem(Files.readString(folder.resolve(publicKey)));
        for (String signature : List.of(printed, Files.readString(folder.resolve("catalog.json.sig")))) {
            byte[] decoded = CatalogSigner.decode(signature).orElseThrow();
            assertThat(signer.signed(CONTENT, decoded)).isTrue();
            assertThat(signer.signed("{\"serial\": 2}\n".getBytes(UTF_8), decoded))
                    .isFalse();
        }
    }

    private String cosign(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("cosign"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("COSIGN_PASSWORD", "");
        builder.redirectError(folder.resolve("cosign.err").toFile());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor())
                .as(command + ": " + Files.readString(folder.resolve("cosign.err")))
                .isZero();
        return output;
    }
}
