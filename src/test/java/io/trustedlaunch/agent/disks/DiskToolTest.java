package io.trustedlaunch.agent.disks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.catalog.ImageFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract of qemu-img and of its fake. */
class DiskToolTest {
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;

    @TempDir
    private Path folder;

    private static Stream<DiskTool> tools() {
        HypervisorAccount account = Accounts.ownerOf(Path.of("/proc/self"));
        return Stream.of(new QemuImg(Duration.ofSeconds(30), Duration.ofSeconds(60), account), new FakeDiskTool());
    }

    @ParameterizedTest
    @MethodSource("tools")
    void aDiskHasTheSizeThatItIsCreatedWithOrResizedTo(DiskTool tool) throws IOException {
        Path disk = Files.createFile(folder.resolve("data.qcow2"));

        tool.create(disk, 3 * GIB);
        assertThat(ImageInspector.virtualSizeOfQcow2(disk)).contains(3 * GIB);

        tool.resize(disk, 5 * GIB);
        assertThat(ImageInspector.virtualSizeOfQcow2(disk)).contains(5 * GIB);
    }

    /** QEMU's sudden end, or that of a qemu-img that resized, leaves them so; qemu-img resizes no such disk. */
    @Test
    void aDiskGrowsWhoseBitmapsWereLeftInUseAndLosesTheseAlone() throws IOException {
        DiskTool tool = tools().findFirst().orElseThrow();
        Path disk = Files.createFile(folder.resolve("data.qcow2"));
        tool.create(disk, GIB);
        for (String bitmap : List.of("-left", "good", "right")) {
            QemuImages.qemuImg("bitmap", "--add", disk.toString(), "--", bitmap);
        }
        QemuImages.leaveInUse(disk, 0, 2);

        tool.resize(disk, 2 * GIB);

        assertThat(ImageInspector.virtualSizeOfQcow2(disk)).contains(2 * GIB);
        assertThat(QemuImages.run("info", disk.toString()).output())
                .contains("name: good")
                .doesNotContain("in-use", "left", "right");
    }

    @ParameterizedTest
    @MethodSource("tools")
    void aDiskCanBeMadeToNeedItsBackupAgain(DiskTool tool) throws IOException {
        Path disk = Files.createFile(folder.resolve("data.qcow2"));
        tool.create(disk, GIB);
        FillBacking backing = new FillBacking(UUID.randomUUID(), "data-data");

        tool.setBacking(disk, backing);

        assertThat(ImageInspector.backingOfQcow2(disk)).contains(backing.toString());
        assertThat(ImageInspector.dependenceOfQcow2(disk, Optional.of(backing))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("tools")
    void aCopyOfAnImageHasItsSize(DiskTool tool) throws IOException {
        Path image = Files.write(folder.resolve("image.raw"), new byte[(int) MIB]);
        Path disk = Files.createFile(folder.resolve("os.qcow2"));

        tool.convert(image, new Accepted(ImageFormat.raw, MIB), disk);

        assertThat(ImageInspector.virtualSizeOfQcow2(disk)).contains(MIB);
        assertThat(image).hasSize(MIB);
    }

    /** Put there by someone who writes to the storage location. */
    @Test
    void aDiskBehindALinkIsNotWritten() throws IOException {
        DiskTool tool = tools().findFirst().orElseThrow();
        Path another = Files.createDirectory(folder.resolve("another"));
        Path disk = Files.createFile(another.resolve("os.qcow2"));
        tool.create(disk, GIB);
        byte[] before = Files.readAllBytes(disk);
        Path vm = Files.createSymbolicLink(folder.resolve("vm"), another);

        assertThatThrownBy(() -> tool.resize(vm.resolve("os.qcow2"), 2 * GIB)).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> tool.create(vm.resolve("os.qcow2"), 2 * GIB)).isInstanceOf(RefusedException.class);

        assertThat(disk).hasBinaryContent(before);
    }

    @ParameterizedTest
    @MethodSource("tools")
    void aDiskThatCannotBeWrittenIsRefused(DiskTool tool) {
        assertThatThrownBy(() -> tool.create(folder.resolve("nowhere/data.qcow2"), GIB))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("data.qcow2");
    }
}
