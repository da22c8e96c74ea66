package io.trustedlaunch.agent.gueststate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DiskHomeFilesTest extends HomeFilesContract {
    @TempDir
    private Path folder;

    @Override
    HomeFiles files() {
        return new DiskHomeFiles(folder);
    }

    @Test
    void onlyTheOwnerCanReadAFile() throws IOException {
        files().write("one", new byte[] {1});

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("one"))))
                .isEqualTo("rw-------");
    }

    @Test
    void aLinkIsNotFollowed() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "secret");
        Files.createSymbolicLink(folder.resolve("one"), secret);

        assertThatThrownBy(() -> files().read("one", 10)).isInstanceOf(IOException.class);
    }

    @Test
    @Timeout(60)
    void aFifoDoesNotBlockItsReader() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", folder.resolve("one").toString())
                        .start()
                        .waitFor())
                .isZero();

        assertThatThrownBy(() -> files().read("one", 10)).hasMessageContaining("is not a regular file");
    }

    @Test
    void aMissingFolderIsEmpty() throws IOException {
        assertThat(new DiskHomeFiles(folder.resolve("none")).list()).isEmpty();
    }
}
