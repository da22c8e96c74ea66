package io.trustedlaunch.agent.backuprun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.testkit.Incarnations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupRunDiskTest {
    private final FakeDiskTool tool = new FakeDiskTool();

    @TempDir
    private Path root;

    private VmFolder folder;

    @BeforeEach
    void makeDisks() throws IOException {
        folder = new VmFolder(root, UUID.randomUUID());
        Files.createDirectory(folder.path());
        for (Path disk : new Path[] {folder.osDisk(), folder.dataDisk(DiskIdentity.ofFirstStart("data"))}) {
            tool.create(Files.createFile(disk), 1 << 20);
        }
    }

    /** What it lacks would be zeros in the backup. */
    @Test
    void aDiskThatIsStillFilledIsNotBackedUp() throws IOException {
        assertThat(BackupRunDisk.of(Incarnations.machine().build(), folder)).hasSize(2);

        tool.setBacking(folder.osDisk(), FillBacking.ofOsDisk(UUID.randomUUID()));

        RefusedException refused = catchThrowableOfType(
                RefusedException.class,
                () -> BackupRunDisk.of(Incarnations.machine().build(), folder));
        assertThat(refused.reason()).isEqualTo(Reason.DisksFilling);
    }
}
