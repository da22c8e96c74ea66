package io.trustedlaunch.agent.disks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.folder.Permits;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.imageform.ImageInspector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that a backup is restored to. */
class BackupFilesTest {
    private static final long BYTES = 1 << 20;

    @TempDir
    private Path location;

    private final FakeDiskTool tool = new FakeDiskTool();
    private VmFolder folder;
    private Disks disks;

    @BeforeEach
    void makeFolder() {
        folder = new VmFolder(location, UUID.randomUUID());
        disks = new Disks(Accounts.ownerOf(location), "host-a", tool, location.resolve("local"), UUID::randomUUID);
        disks.ensureFolder(Permits.to(Permit.Act.PREPARE, folder));
    }

    @Test
    void aRestoredDiskIsThereWhenItIsWhole() throws IOException {
        disks.ensureRestored(folder.osDisk(), disk -> {
            tool.create(disk, BYTES);
            assertThat(folder.osDisk()).doesNotExist();
        });

        assertThat(ImageInspector.virtualSizeOfQcow2(folder.osDisk())).contains(BYTES);
        disks.ensureRestored(folder.osDisk(), disk -> {
            throw new IllegalStateException("it is there");
        });
    }

    @Test
    void aRestoreThatFailsLeavesNothing() throws IOException {
        assertThatThrownBy(() -> disks.ensureRestored(folder.osDisk(), disk -> {
                    tool.create(disk, BYTES);
                    throw new IllegalStateException("failed");
                }))
                .hasMessage("failed");

        try (Stream<Path> left = Files.walk(location)) {
            assertThat(left).noneMatch(Files::isRegularFile);
        }
    }
}
