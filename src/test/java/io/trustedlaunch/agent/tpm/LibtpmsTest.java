package io.trustedlaunch.agent.tpm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibtpmsTest {
    @TempDir
    private Path folder;

    @Test
    void theVersionIsInTheNameOfTheFileThatTheLoaderFinds() throws IOException {
        Path link = folder.resolve("libtpms.so.0");
        Files.createSymbolicLink(link, Files.createFile(folder.resolve("libtpms.so.0.9.2")));
        Libtpms library = Libtpms.loadedBy("\tlinux-vdso.so.1 (0x00007f7387334000)\n"
                + "\tlibswtpm_libtpms.so.0 => /usr/lib/swtpm/libswtpm_libtpms.so.0 (0x00007f738730b000)\n"
                + "\tlibtpms.so.0 => " + link + " (0x00007f73871e9000)\n");

        assertThat(library.version()).contains("0.9.2");

        Files.delete(link);
        Files.createSymbolicLink(link, Files.createFile(folder.resolve("libtpms.so.0.10.2")));

        assertThat(library.version()).as("after an upgrade").contains("0.10.2");
    }

    @Test
    void anotherNameIsNoVersion() throws IOException {
        Path file = Files.createFile(folder.resolve("libtpms.so.0"));

        assertThat(new Libtpms(Optional.of(file)).version()).isEmpty();
        assertThat(new Libtpms(Optional.of(folder.resolve("libtpms.so.0.9.2"))).version())
                .as("a file that is missing")
                .isEmpty();
    }

    @Test
    void aProgramWithoutTheLibraryHasNone() {
        assertThat(Libtpms.loadedBy("\tnot a dynamic executable\n").version()).isEmpty();
        assertThat(Libtpms.of("no-such-swtpm").version()).isEmpty();
    }
}
