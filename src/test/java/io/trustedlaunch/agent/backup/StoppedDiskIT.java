package io.trustedlaunch.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.pack.DiskSource;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks of VMs that are off, served by the real qemu-nbd. */
class StoppedDiskIT {
    private static final int BYTES = 64 << 20;
    private static final int BLOCK = Geometry.STANDARD.blockBytes();

    @TempDir
    private Path folder;

    private Path disk;
    private DiskOpener opener;

    @BeforeEach
    void makeDisk() throws IOException {
        disk = folder.resolve("disk.qcow2");
        opener = new QemuDiskOpener(new ConfinedTools(Accounts.ownerOf(folder)), Duration.ofSeconds(60));
        QemuImages.qemuImg("create", "-q", "-f", "qcow2", disk.toString(), Integer.toString(BYTES));
        write("write -P 7 1M 64k");
        write("write -P 8 40M 64k");
    }

    private void write(String command) {
        Command.Result result = Command.of(
                        Duration.ofSeconds(30), "qemu-io", "-f", "qcow2", "-c", command, disk.toString())
                .run();
        assertThat(result.succeeded()).as(result.output()).isTrue();
    }

    private DiskExport export(String socket) {
        return new DiskExport(folder.resolve(socket), "root");
    }

    @Test
    void whatIsNotZeroIsReadOverSeveralConnections() throws Exception {
        try (OpenDisk served = opener.stopped(disk, export("one"));
                OpenDisk other = opener.stopped(disk, export("two"))) {
            DiskSource source = served.source();
            assertThat(source.bytes()).isEqualTo(BYTES);
            assertThat(source.wanted(Geometry.STANDARD).blocks().stream()).containsExactly(16, 640);
            try (DiskSource.Reader one = source.open();
                    DiskSource.Reader two = source.open();
                    DiskSource.Reader three = other.source().open()) {
                assertThat(read(one, 16)).isEqualTo((byte) 7);
                assertThat(read(two, 640)).isEqualTo((byte) 8);
                assertThat(read(three, 640)).isEqualTo((byte) 8);
                assertThat(read(one, 17)).isZero();
            }
            assertThat(source.wanted(Geometry.STANDARD).blocks().cardinality())
                    .as("after all readers have left")
                    .isEqualTo(2);
        }
    }

    private static byte read(DiskSource.Reader reader, int block) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(BLOCK);
        reader.read((long) block * BLOCK, content);
        return content.get(BLOCK - 1);
    }

    /** The VM starts. */
    @Test
    void theDiskIsNotLocked() throws Exception {
        try (OpenDisk served = opener.stopped(disk, export("one"));
                DiskSource.Reader reader = served.source().open()) {
            write("write -P 9 2M 64k");
            assertThat(read(reader, 16)).isEqualTo((byte) 7);
        }
    }

    @Test
    void aReaderEndsWithItsServer() throws Exception {
        OpenDisk served = opener.stopped(disk, export("one"));
        try (DiskSource.Reader reader = served.source().open()) {
            served.close();
            assertThatThrownBy(() -> read(reader, 16)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void whatIsNoDiskIsNotServed() throws IOException {
        Files.write(disk, new byte[1 << 20]);

        assertThatThrownBy(() -> opener.stopped(disk, export("one"))).isInstanceOf(DiskReadException.class);
    }

    /** It can be served by nothing. */
    @Test
    void aServerThatEndsSaysWhy() {
        assertThatThrownBy(() -> opener.stopped(disk, new DiskExport(folder.resolve("none/socket"), "root")))
                .isInstanceOf(DiskReadException.class)
                .hasMessageContaining("qemu-nbd does not serve it: ")
                .hasMessageContaining("socket");
    }
}
