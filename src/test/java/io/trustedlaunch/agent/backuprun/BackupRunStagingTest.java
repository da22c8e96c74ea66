package io.trustedlaunch.agent.backuprun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.disks.FakeDiskTool;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.imageform.ImageInspector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupRunStagingTest {
    private static final long BYTES = 1 << 20;

    @TempDir
    private Path location;

    private VmFolder vm;
    private BackupRunStaging staging;
    private BackupRunDisk disk;

    @BeforeEach
    void make() throws IOException {
        vm = new VmFolder(location, UUID.randomUUID());
        Files.createDirectory(vm.path());
        staging = of(UUID.randomUUID());
        disk = new BackupRunDisk("root", vm.osDisk(), BYTES, 0);
        staging.make();
    }

    private BackupRunStaging of(UUID run) {
        return new BackupRunStaging(vm, run, Accounts.ownerOf(location), new FakeDiskTool());
    }

    @Test
    void aScratchFileIsEmptyForEachAttempt() throws IOException {
        staging.makeScratch(disk);
        Files.writeString(staging.scratch(disk), "what a guest has overwritten");

        staging.makeScratch(disk);

        assertThat(ImageInspector.virtualSizeOfQcow2(staging.scratch(disk))).contains(BYTES);
        staging.removeScratch(disk);
        staging.removeScratch(disk);
        assertThat(staging.scratch(disk)).doesNotExist();
    }

    @Test
    void aRunRemovesItsOwnFilesOnly() throws IOException {
        Files.writeString(vm.osDisk(), "a disk");
        BackupRunStaging next = of(UUID.randomUUID());
        next.make();

        staging.remove();
        staging.remove();

        assertThat(next.folder()).isDirectory();
        next.remove();
        assertThat(vm.path()).isDirectoryContaining(file -> file.equals(vm.osDisk()));
        assertThat(next.folder()).doesNotExist();
    }

    @Test
    void afterTheVmThereIsNothingToRemove() throws IOException {
        staging.remove();
        Files.delete(vm.path());

        staging.remove();

        assertThatThrownBy(staging::make).isInstanceOf(IOException.class);
    }
}
