package io.trustedlaunch.agent.disks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.host.Accounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was made for a guest that then stayed where it was goes away again, and never what a VM has. */
class DiskCopiesTest {
    private static final long EPOCH = 3;

    @TempDir
    Path location;

    private VmFolder folder;
    private Disks disks;

    @BeforeEach
    void aFolderForACopy() throws IOException {
        folder = new VmFolder(location, UUID.randomUUID());
        disks = disksOf("host-a");
        disks.ensureCopyFolder(folder, EPOCH);
        Files.writeString(folder.dataDisk("data"), "data");
    }

    @Test
    void aCopyIsRemovedWithAllThatIsInItsFolder() throws IOException {
        Files.writeString(folder.osDisk(), "os");

        disks.eraseCopy(folder, EPOCH);

        assertThat(folder.path()).doesNotExist();
        disks.eraseCopy(folder, EPOCH);
    }

    @Test
    void whatIsMarkedByAnotherIncarnationOrAnotherNodeStays() throws IOException {
        Files.writeString(folder.osDisk(), "os");

        disks.eraseCopy(folder, EPOCH + 1);
        disksOf("host-b").eraseCopy(folder, EPOCH);

        assertThat(folder.osDisk()).exists();
        assertThat(folder.dataDisk("data")).exists();
    }

    /** A folder in its place cannot be removed as a disk is. */
    @Test
    void theMarkStaysForAsLongAsTheOsDiskDoes() throws IOException {
        Files.createDirectories(folder.osDisk().resolve("in the way"));

        assertThatThrownBy(() -> disks.eraseCopy(folder, EPOCH))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(folder.path().toString());

        Files.delete(folder.osDisk().resolve("in the way"));
        disks.eraseCopy(folder, EPOCH);
        assertThat(folder.path()).doesNotExist();
    }

    private Disks disksOf(String nodeName) {
        return new Disks(Accounts.ownerOf(location), nodeName, new PlayedDiskTool(), UUID::randomUUID);
    }
}
