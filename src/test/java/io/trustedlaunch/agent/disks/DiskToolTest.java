package io.trustedlaunch.agent.disks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.catalog.ImageFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
