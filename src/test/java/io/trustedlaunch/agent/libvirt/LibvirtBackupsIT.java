package io.trustedlaunch.agent.libvirt;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.backup.DiskExport;
import io.trustedlaunch.agent.backup.NbdDisk;
import io.trustedlaunch.agent.domain.BackupSpec;
import io.trustedlaunch.agent.domain.DomainSpec;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.hypervisor.GuestBackupsContract;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.agent.tpm.TpmSecret;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.pack.DiskSource;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Backups by the real libvirt and QEMU. Writes of a guest are commands of qemu-io, which its QEMU carries out. */
@InsideAHost
class LibvirtBackupsIT extends GuestBackupsContract {
    private static final long BYTES = 64L << 20;
    private static final TpmSecret SECRET = TpmSecret.of(
            "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff".getBytes(StandardCharsets.US_ASCII));

    private final HypervisorAccount account = HypervisorAccount.named(Optional.empty(), Optional.empty());
    private TestHost host;
    private LibvirtHypervisor libvirt;

    @BeforeEach
    void connect() throws IOException {
        host = new TestHost();
        account.makeOwn(host.folder().resolve("sockets"));
        libvirt = new LibvirtHypervisor(LibvirtSettings.system());
    }

    @AfterEach
    void cleanUp() throws IOException {
        libvirt.destroy(vm());
        libvirt.eraseState(vm());
        libvirt.close();
        host.close();
    }

    @Override
    protected Hypervisor hypervisor() {
        return libvirt;
    }

    @Override
    protected DomainSpec start(UUID vm, long epoch) {
        DomainSpec spec = host.emptyQcow2(vm, epoch, BYTES);
        libvirt.prepareVariables(spec);
        host.manufacture(vm, SECRET);
        libvirt.createPaused(spec, SECRET);
        return spec;
    }

    @Override
    protected BackupSpec.Disk exported(Path disk) {
        Path scratch = host.folder().resolve("scratch.qcow2");
        host.makeQcow2(scratch, BYTES);
        return new BackupSpec.Disk("root", disk, scratch);
    }

    @Override
    protected Path socket() {
        return host.folder().resolve("sockets").resolve("nbd");
    }

    @Test
    void aFullBackupAndWhatChangedSinceRestoreOneInstantWhileTheGuestWrites() throws IOException {
        Path disk = start(vm(), 1).osDisk().path();
        libvirt.resume(vm());
        write("write -P 1 0 4M");
        write("write -P 2 32M 4M");

        backups().begin(vm(), spec("one", Optional.empty(), disk));
        write("write -P 9 0 1M");
        assertThat(backups().job(vm()).orElseThrow().scratchBytes().orElseThrow())
                .isBetween(1L << 20, 8L << 20);
        read(false);
        backups().end(vm());
        assertContent("read -P 1 0 4M", "read -P 2 32M 4M", "read -P 0 60M 64k");

        write("write -z -u 32M 1M");
        write("write -P 3 60M 64k");
        backups().begin(vm(), spec("two", Optional.of("one"), disk));
        write("write -P 9 60M 64k");
        assertThat(read(true)).isEqualTo((2 << 20) + (64 << 10));
        backups().end(vm());
        assertContent(
                "read -P 9 0 1M",
                "read -P 1 1M 3M",
                "read -P 0 4M 28M",
                "read -P 0 32M 1M",
                "read -P 2 33M 3M",
                "read -P 3 60M 64k");
    }

    @Test
    void aRestartedGuestsChangesAreThoseSinceTheCheckpoint() throws IOException {
        Path disk = start(vm(), 1).osDisk().path();
        write("write -P 1 0 4M");
        backups().begin(vm(), spec("one", Optional.empty(), disk));
        read(false);
        backups().end(vm());
        write("write -P 2 1M 1M");
        libvirt.destroy(vm());
        start(vm(), 2);
        backups().defineCheckpoint(vm(), "one", Optional.empty(), List.of(disk));
        write("write -P 3 2M 64k");

        backups().begin(vm(), spec("two", Optional.of("one"), disk));
        assertThat(read(true)).isEqualTo((1 << 20) + (64 << 10));
        backups().end(vm());

        assertContent("read -P 1 0 1M", "read -P 2 1M 1M", "read -P 3 2M 64k", "read -P 1 3M 1M");
    }

    @Test
    void afterACrashOfQemuTheCheckpointIsUnusable() throws IOException {
        DomainSpec spec = start(vm(), 1);
        Path disk = spec.osDisk().path();
        backups().begin(vm(), spec("one", Optional.empty(), disk));
        backups().end(vm());
        write("write -P 1 0 1M");
        host.qemu(spec).destroyForcibly();
        await().atMost(Duration.ofSeconds(60)).until(() -> libvirt.find(vm()).isEmpty());

        start(vm(), 2);

        assertThat(failure(() -> backups().defineCheckpoint(vm(), "one", Optional.empty(), List.of(disk))))
                .isEqualTo(new HypervisorFailure.CheckpointUnusable(vm(), "one"));
        backups().begin(vm(), spec("two", Optional.empty(), disk));
        backups().end(vm());
        assertThat(backups().checkpoints(vm())).containsExactly("two");
    }

    /** Writes over the copy what is read of the disk. Returns how many bytes that are. */
    private long read(boolean changes) throws IOException {
        NbdDisk disk = NbdDisk.of(new DiskExport(socket(), "root"), changes);
        int block = Geometry.STANDARD.blockBytes();
        try (DiskSource.Reader reader = disk.open();
                FileChannel copy = FileChannel.open(copy(), CREATE, WRITE)) {
            copy.write(ByteBuffer.wrap(new byte[1]), BYTES - 1);
            BitSet wanted = disk.wanted(Geometry.STANDARD).blocks();
            for (int at = wanted.nextSetBit(0); at >= 0; at = wanted.nextSetBit(at + 1)) {
                ByteBuffer content = ByteBuffer.allocate(block);
                reader.read((long) at * block, content);
                copy.write(content.flip(), (long) at * block);
            }
            return (long) wanted.cardinality() * block;
        }
    }

    private Path copy() {
        return host.folder().resolve("copy");
    }

    private void write(String command) {
        Command.Result result = Command.of(
                        Duration.ofSeconds(30),
                        "virsh",
                        "qemu-monitor-command",
                        vm().toString(),
                        "--hmp",
                        "qemu-io -d /machine/peripheral/virtio-disk0/virtio-backend \"" + command + "\"")
                .run();
        assertThat(result.succeeded()).as(result.output()).isTrue();
        assertThat(result.output()).doesNotContainIgnoringCase("error", "failed");
    }

    private void assertContent(String... reads) {
        for (String read : reads) {
            Command.Result result = Command.of(
                            Duration.ofSeconds(30), "qemu-io", "-r", "-f", "raw", "-c", read, copy().toString())
                    .run();
            assertThat(result.output()).as(read).doesNotContain("verification failed", "rror");
            assertThat(result.succeeded()).as(read + ": " + result.output()).isTrue();
        }
    }
}
