package io.trustedlaunch.agent.seed;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.host.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class XorrisoTest {
    /** ECMA-119: the volume descriptor follows the system area of sixteen sectors. */
    private static final int DESCRIPTOR = 16 * 2048;

    @TempDir
    private Path folder;

    private final Xorriso xorriso = new Xorriso();

    @Test
    void aDiscHasItsLabelAndFileNamesForLinuxAndWindows() throws IOException {
        Path files = Files.createDirectory(folder.resolve("files"));
        Files.writeString(files.resolve("user-data"), "#cloud-config of a guest");
        Path image = folder.resolve("seed.iso");

        xorriso.write("cidata", files, image);

        String disc = Files.readString(image, ISO_8859_1);
        assertThat(disc.substring(DESCRIPTOR + 1, DESCRIPTOR + 6)).isEqualTo("CD001");
        assertThat(disc.substring(DESCRIPTOR + 40, DESCRIPTOR + 72).strip()).isEqualTo("cidata");
        assertThat(disc)
                .contains("user-data", new String("user-data".getBytes(UTF_16BE), ISO_8859_1))
                .contains("#cloud-config of a guest");
    }

    @Test
    void aFailureIsReportedWithTheOutputOfXorriso() {
        assertThatThrownBy(() -> xorriso.write("cidata", folder.resolve("nothing"), folder.resolve("seed.iso")))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("nothing");
    }
}
