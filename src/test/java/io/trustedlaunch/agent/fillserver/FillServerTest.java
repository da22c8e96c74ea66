package io.trustedlaunch.agent.fillserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FillServerTest {
    @TempDir
    private Path folder;

    /** QEMU's user can enter the folder. With a lock on the file, one QEMU could keep the disks of another VM from being served. */
    @Test
    void onlyTheAdministratorOpensWhatIsInItsFolder() throws IOException {
        try (FillServer server = FillServer.open(folder, ServedBackup::opened);
                Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.toList();
            assertThat(found).hasSize(3);
            for (Path file : found) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .isEqualTo("rw-------");
            }
        }
    }
}
