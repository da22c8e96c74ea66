package io.trustedlaunch.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.agent.nbd.NbdClient;
import io.trustedlaunch.agent.nbd.NbdException;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.files.ForeignFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** New disks, written by our own client through QEMU's server. */
@Timeout(120)
class NbdWritesIT {
    private static final int BLOCK = 64 << 10;
    private static final int BYTES = 64 << 20;

    @TempDir
    private Path folder;

    private NewDisks disks;
    private Path disk;

    @BeforeEach
    void makeFile() throws IOException {
        disks = new NewDisks(
                new ConfinedTools(Accounts.ownerOf(folder)), folder.resolve("sockets"), Duration.ofSeconds(60));
        disk = Files.createFile(folder.resolve("root.qcow2"));
    }

    private byte[] raw() throws IOException {
        Path raw = folder.resolve("raw");
        QemuImages.qemuImg("convert", "-f", "qcow2", "-O", "raw", disk.toString(), raw.toString());
        return Files.readAllBytes(raw);
    }

    private void assertNothingIsLeft() {
        assertThat(folder.resolve("sockets")).isEmptyDirectory();
        assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive))
                .noneMatch(process -> process.info().command().orElse("").endsWith("qemu-nbd"));
    }

    /** QEMU's tools refuse it by themselves until it is whole. */
    @Test
    void aDiskThatIsFilledLaterNamesItsFillAndIsOfNoUseBefore() throws IOException {
        FillBacking backing = new FillBacking(UUID.randomUUID(), "root");

        disks.makeUnfilled(disk, BYTES, backing);

        assertThat(ImageInspector.backingOfQcow2(disk)).contains(backing.toString());
        assertThat(ImageInspector.dependenceOfQcow2(disk, Optional.of(backing))).isEmpty();
        assertThatThrownBy(this::raw).hasStackTraceContaining("trusted-launch-fill");
    }

    @Test
    void whatSeveralThreadsWriteIsThereAndNoMore() throws Exception {
        byte[] content = new byte[BYTES];
        Random random = new Random(7);
        for (int block = 0; block < BYTES / BLOCK; block += 16) {
            byte[] bytes = new byte[BLOCK];
            random.nextBytes(bytes);
            System.arraycopy(bytes, 0, content, block * BLOCK, BLOCK);
        }

        disks.make(disk, BYTES, target -> {
            try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
                List<Future<?>> both = List.of(
                        threads.submit(() -> writeEach(target, content, 0)),
                        threads.submit(() -> writeEach(target, content, 16)));
                for (Future<?> one : both) {
                    one.get();
                }
            } catch (Exception e) {
                throw new IOException(e);
            }
        });

        assertThat(raw()).isEqualTo(content);
        assertThat(Files.size(disk)).as("it has room only for what is written").isLessThan(BYTES / 8);
        QemuImages.qemuImg("check", "-f", "qcow2", disk.toString());
        assertNothingIsLeft();
    }

    private static Void writeEach(SavedDisk.Target target, byte[] content, int from) throws IOException {
        try (SavedDisk.Target.Writer writer = target.open()) {
            for (int block = from; block < BYTES / BLOCK; block += 32) {
                writer.write((long) block * BLOCK, ByteBuffer.wrap(content, block * BLOCK, BLOCK));
            }
        }
        return null;
    }

    @Test
    void aDiskOfNothingIsMade() throws IOException {
        disks.make(disk, BYTES, target -> {});

        assertThat(raw()).isEqualTo(new byte[BYTES]);
        assertNothingIsLeft();
    }

    @Test
    void theServerEndsWithAFailure() {
        IllegalStateException failure = new IllegalStateException("the store is gone");

        assertThatThrownBy(() -> disks.make(disk, BYTES, target -> {
                    target.open();
                    throw failure;
                }))
                .isSameAs(failure);
        assertNothingIsLeft();
    }

    /** As a run that is cancelled. */
    @Test
    void anInterruptionEndsItAtOnce() throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread maker = Thread.ofPlatform().start(() -> {
            try {
                disks.make(disk, BYTES, target -> {
                    try (SavedDisk.Target.Writer writer = target.open()) {
                        Thread.currentThread().interrupt();
                        writer.write(0, ByteBuffer.allocate(BLOCK));
                    }
                });
            } catch (Exception e) {
                thrown.set(e);
            }
        });

        assertThat(maker.join(Duration.ofSeconds(20))).isTrue();
        assertThat(thrown.get()).isInstanceOf(BackupDiskException.class);
        assertNothingIsLeft();
    }

    @Test
    void aServerThatDiesIsNotTakenForADiskThatIsMade() {
        assertThatThrownBy(() -> disks.make(
                        disk,
                        BYTES,
                        target -> ProcessHandle.current()
                                .descendants()
                                .filter(process ->
                                        process.info().command().orElse("").endsWith("qemu-nbd"))
                                .forEach(process -> {
                                    process.destroyForcibly();
                                    process.onExit().join();
                                })))
                .isInstanceOf(BackupDiskException.class)
                .hasMessageContaining("write " + disk);
        assertNothingIsLeft();
    }

    @Test
    void aLinkInThePlaceOfTheFileIsNotFollowed() throws IOException {
        Path other = Files.writeString(folder.resolve("other"), "of somebody else");
        Files.delete(disk);
        Files.createSymbolicLink(disk, other);

        assertThatThrownBy(() -> disks.make(disk, BYTES, target -> {})).isInstanceOf(ForeignFileException.class);
        assertThat(other).hasContent("of somebody else");
    }

    @Test
    void whatIsServedToBeReadIsNotWritten() throws Exception {
        QemuImages.qemuImg(
                "create", "-q", "-f", "qcow2", folder.resolve("disk.qcow2").toString(), Integer.toString(BYTES));
        try (StorageDaemon daemon = new StorageDaemon(folder, BYTES)) {
            daemon.begin("checkpoint-0", Optional.empty());
            try (NbdClient client =
                    NbdClient.open(daemon.export().socket(), daemon.export().name(), List.of())) {
                assertThatThrownBy(() -> client.write(0, ByteBuffer.allocate(512)))
                        .isInstanceOf(NbdException.class)
                        .hasMessageContaining("read-only");
            }
            daemon.end(Optional.empty());
        }
    }
}
