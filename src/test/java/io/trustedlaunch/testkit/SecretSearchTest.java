package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.testkit.SecretSearch.Finding;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretSearchTest {
    private final SecureRandom random = new SecureRandom();
    private final byte[] secret = bytes(32);
    private final SecretSearch search = new SecretSearch(Map.of("key", secret, "password", bytes(20)));

    @TempDir
    private Path tree;

    @Test
    void itIsFoundAsBytesAndInHexadecimal() {
        assertThat(encodingsIn(secret)).containsExactly("bytes");
        assertThat(encodingsIn(HexFormat.of().formatHex(secret).getBytes(US_ASCII)))
                .containsExactly("hex");
        assertThat(encodingsIn(HexFormat.of().withUpperCase().formatHex(secret).getBytes(US_ASCII)))
                .containsExactly("HEX");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 7, 100})
    void itIsFoundInBase64WhereverItStandsInTheEncodedText(int before) {
        byte[] text = concat(bytes(before), secret, bytes(5));

        assertThat(encodingsIn(Base64.getEncoder().encode(text))).contains("base64+" + before % 3);
        assertThat(encodingsIn(Base64.getUrlEncoder().encode(text))).contains("base64url+" + before % 3);
        assertThat(encodingsIn(Base64.getEncoder().withoutPadding().encode(secret)))
                .contains("base64+0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\n    ", "\\n", "\\r\\n"})
    void itIsFoundAcrossLineBreaks(String lineEnd) {
        byte[] text = concat(bytes(40), secret, bytes(40));
        byte[] lines = Base64.getMimeEncoder(16, new byte[] {'\n'}).encode(text);
        String broken = new String(lines, US_ASCII).replace("\n", lineEnd);

        assertThat(encodingsIn(broken.getBytes(US_ASCII))).contains("base64+1");
    }

    @Test
    void itIsFoundInALargeFileAcrossBuffers() throws IOException {
        byte[] big = bytes(3 << 20);
        System.arraycopy(secret, 0, big, (1 << 20) - 7, secret.length);
        Path file = Files.write(tree.resolve("image.raw"), big);

        assertThat(search.files(tree, known -> false))
                .containsExactly(new Finding("key", "bytes", file + " before byte " + ((1 << 20) - 7 + 32)));
    }

    @Test
    void excludedFilesAndLinksAreSkipped() throws IOException {
        Path known = Files.write(tree.resolve("known"), secret);
        Files.createSymbolicLink(tree.resolve("link"), known);

        assertThat(search.files(tree, known::equals)).isEmpty();
        assertThat(search.files(tree, file -> false)).hasSize(1);
    }

    @Test
    void itIsFoundInArgumentsAndEnvironmentsOfProcesses() throws Exception {
        ProcessBuilder argument =
                new ProcessBuilder("sh", "-c", "read forever", HexFormat.of().formatHex(secret));
        ProcessBuilder environment = new ProcessBuilder("sh", "-c", "read forever");
        environment.environment().put("LEAK", Base64.getEncoder().encodeToString(secret));
        Process first = argument.start();
        Process second = environment.start();
        try {
            List<String> unread = new ArrayList<>();
            assertThat(search.processes(unread::add))
                    .contains(
                            new Finding("key", "hex", "cmdline of process " + first.pid()),
                            new Finding("key", "base64+0", "environ of process " + second.pid()));
            assertThat(unread)
                    .noneMatch(place -> place.endsWith(" " + first.pid()) || place.endsWith(" " + second.pid()));
        } finally {
            first.destroyForcibly().waitFor();
            second.destroyForcibly().waitFor();
        }
        assertThat(search.processes(unread -> {})).isEmpty();
    }

    @Test
    void similarBytesAreNotFound() throws IOException {
        byte[] other = secret.clone();
        other[31] ^= 1;
        Files.write(tree.resolve("random"), bytes(1 << 20));
        Files.write(tree.resolve("almost"), other);
        Files.write(tree.resolve("half"), Arrays.copyOf(secret, 16));
        Files.writeString(tree.resolve("half.txt"), HexFormat.of().formatHex(secret, 0, 16));

        assertThat(search.files(tree, known -> false)).isEmpty();
    }

    @Test
    void aSecretTooShortToBeUniqueIsRejected() {
        assertThatThrownBy(() -> new SecretSearch(Map.of("pin", new byte[4])))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private Set<String> encodingsIn(byte[] leak) {
        try {
            Files.write(tree.resolve("leak"), concat("before ".getBytes(US_ASCII), leak, " after".getBytes(US_ASCII)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        List<Finding> findings = search.files(tree, known -> false);
        assertThat(findings).extracting(Finding::secret).containsOnly("key");
        return findings.stream().map(Finding::encoding).collect(Collectors.toSet());
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
