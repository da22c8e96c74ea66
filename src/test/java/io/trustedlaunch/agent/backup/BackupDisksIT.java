package io.trustedlaunch.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.imageform.ImageFault;
import io.trustedlaunch.agent.imageform.ImageForm.Refused;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks of backups by the host's QEMU, with disks that a storage daemon serves as a guest's QEMU would. */
class BackupDisksIT {
    private static final int CHAINS = Integer.getInteger("backup.chains", 8);
    private static final long SEED = Long.getLong("backup.seed", new Random().nextLong());

    /** No whole number of clusters. */
    private static final int BYTES = (8 << 20) + 3 * 512;

    private static final byte[] PASSPHRASE =
            "5d1c0f2ab3e94c775d1c0f2ab3e94c775d1c0f2ab3e94c775d1c0f2ab3e94c77".getBytes(StandardCharsets.US_ASCII);

    /** An empty disk of each size, since QEMU takes two seconds to make one. */
    @TempDir
    private static Path blanks;

    @TempDir
    private Path folder;

    private final Random random = new Random(SEED);
    private BackupDisks disks;

    @BeforeEach
    void makeTools() {
        disks = new BackupDisks(new ConfinedTools(Accounts.ownerOf(folder)), Duration.ofSeconds(60));
    }

    @Test
    void everyChainRestoresWhatTheDiskHad() throws Exception {
        Path blank = created("blank", BYTES);
        int layers = 0;
        for (int chain = 0; chain < CHAINS; chain++) {
            layers += runChain(Files.createDirectory(folder.resolve("chain-" + chain)), blank);
        }
        System.out.println(CHAINS + " chains with " + layers + " backups (-Dbackup.seed=" + SEED + ")");
    }

    /** Returns the number of backups. */
    private int runChain(Path at, Path blank) throws Exception {
        ModelDisk model = new ModelDisk(BYTES, random);
        QemuImages.qemuImg(
                "create", "-q", "-f", "qcow2", at.resolve("disk.qcow2").toString(), Integer.toString(BYTES));
        List<Path> layers = new ArrayList<>();
        List<byte[]> contents = new ArrayList<>();
        Optional<String> base = Optional.empty();
        StorageDaemon daemon = new StorageDaemon(at, BYTES);
        try {
            for (int step = 0; step < 3; step++) {
                daemon.write(model.writes());
                String checkpoint = "checkpoint-" + step;
                Path layer = copyOf(blank, at.resolve("layer-" + step));
                daemon.begin(checkpoint, base);
                byte[] content = model.content();
                daemon.write(model.writes());
                if (base.isEmpty()) {
                    disks.copyAll(daemon.export(), layer, PASSPHRASE);
                } else {
                    disks.workingCopyChanges(daemon.export(), layer, PASSPHRASE);
                }
                daemon.end(base);
                if (random.nextInt(4) == 0) {
                    daemon.remove(checkpoint);
                } else {
                    if (base.isPresent()) {
                        daemon.remove(base.get());
                    }
                    base = Optional.of(checkpoint);
                    layers.addFirst(layer);
                    contents.addFirst(content);
                }
                if (random.nextInt(4) == 0) {
                    daemon.close();
                    daemon = new StorageDaemon(at, BYTES);
                }
            }
        } finally {
            daemon.close();
        }
        if (!layers.isEmpty()) {
            assertRestores(layers, contents.getFirst());
            int newest = random.nextInt(layers.size());
            assertRestores(layers.subList(newest, layers.size()), contents.get(newest));
        }
        FileTree.of(at).delete();
        return layers.size();
    }

    private void assertRestores(List<Path> layers, byte[] content) throws IOException {
        Path restored = Files.createFile(folder.resolve("restored"));
        disks.restore(layers, PASSPHRASE, restored);
        Path raw = folder.resolve("raw");
        QemuImages.qemuImg("convert", "-f", "qcow2", "-O", "raw", restored.toString(), raw.toString());
        Path expected = Files.write(folder.resolve("expected"), content);
        assertThat(Files.mismatch(raw, expected))
                .as("-Dbackup.seed=" + SEED + ", " + layers)
                .isEqualTo(-1);
        assertThat(ImageInspector.dependenceOfQcow2(restored)).isEmpty();
        Files.delete(restored);
    }

    @Test
    void onlyWhatChangedIsStored() throws Exception {
        long bytes = 1L << 30;
        QemuImages.qemuImg(
                "create", "-q", "-f", "qcow2", folder.resolve("disk.qcow2").toString(), Long.toString(bytes));
        try (StorageDaemon daemon = new StorageDaemon(folder, bytes)) {
            daemon.write(List.of("write -q -P 1 0 8M", "write -q -P 2 512M 64M"));
            daemon.begin("checkpoint-0", Optional.empty());
            daemon.end(Optional.empty());

            List<String> scattered = new ArrayList<>(List.of("write -q -z -u 512M 64M"));
            for (long cluster = 1; cluster < 1024; cluster++) {
                // Never two side by side, and none among the zeros.
                long at = cluster % 2 == 0 ? cluster << 19 : (576L << 20) + (cluster << 18);
                scattered.add("write -q -P 3 " + at / 65536 * 65536 + " 64k");
            }
            daemon.write(scattered);
            assertStored("scattered", daemon, 0, 64 << 20);
            daemon.write(List.of("write -q -P 4 600M 65M"));
            assertStored("dense", daemon, 1, 0);
        }
    }

    /** @param zeros how many of the dirty bytes are zero now: these take nothing */
    private void assertStored(String what, StorageDaemon daemon, int base, long zeros) throws IOException {
        Path layer = created(what, 1L << 30);
        Optional<String> since = Optional.of("checkpoint-" + base);
        daemon.begin("checkpoint-" + (base + 1), since);
        long dirty = disks.workingCopyChanges(daemon.export(), layer, PASSPHRASE);
        daemon.end(since);
        daemon.remove(since.get());
        double stored = (double) Files.size(layer) / (dirty - zeros);
        System.out.println(
                what + " writes: stored / dirty is " + stored + " of " + dirty + " bytes, " + zeros + " of them zero");
        assertThat(dirty - zeros).isGreaterThan(60 << 20);
        assertThat(stored).isLessThan(1.1);
    }

    @Test
    void aCopyWhoseToolIsKilledIsNoCopy() throws Exception {
        Path blank = created("blank", 64 << 20);
        QemuImages.qemuImg(
                "create", "-q", "-f", "qcow2", folder.resolve("disk.qcow2").toString(), "64M");
        try (StorageDaemon daemon = new StorageDaemon(folder, 64 << 20)) {
            daemon.begin("checkpoint-0", Optional.empty());
            daemon.end(Optional.empty());
            daemon.write(List.of("write -q -P 7 0 64M"));
            int whole = 0;
            for (int times = 0; times < 8; times++) {
                boolean changes = times % 2 == 0;
                Optional<String> base = changes ? Optional.of("checkpoint-0") : Optional.empty();
                daemon.begin("checkpoint-1", base);
                Path layer = copyOf(blank, folder.resolve("layer-" + times));
                Thread killer = killAfter(random.nextInt(300));
                try {
                    if (changes) {
                        disks.workingCopyChanges(daemon.export(), layer, PASSPHRASE);
                    } else {
                        disks.copyAll(daemon.export(), layer, PASSPHRASE);
                    }
                    // It was whole already.
                    whole++;
                    byte[] content = new byte[64 << 20];
                    Arrays.fill(content, (byte) 7);
                    assertRestores(List.of(layer), content);
                } catch (BackupDiskException e) {
                    assertThat(e.failure()).isInstanceOf(BackupDiskFailure.Failed.class);
                } finally {
                    killer.interrupt();
                    killer.join();
                    daemon.end(base);
                    daemon.remove("checkpoint-1");
                }
            }
            System.out.println(whole + " of 8 copies were whole before the kill (-Dbackup.seed=" + SEED + ")");
        }
    }

    /** Kills a tool that this process has started. */
    private static Thread killAfter(int milliseconds) {
        ProcessHandle self = ProcessHandle.current();
        return Thread.ofPlatform().start(() -> {
            try {
                TimeUnit.MILLISECONDS.sleep(milliseconds);
                self.children().forEach(ProcessHandle::destroyForcibly);
            } catch (InterruptedException e) {
                // The copy is over.
            }
        });
    }

    @Test
    void aStoppedVmsDiskIsCopiedByTheHypervisorsUser() throws Exception {
        assumeThat(System.getProperty("user.name")).isEqualTo("root");
        HypervisorAccount account = HypervisorAccount.named(Optional.empty(), Optional.empty());
        Path open = Files.createTempDirectory(Path.of("/var/tmp"), "backup");
        try {
            account.makePassage(open);
            ConfinedTools tools = new ConfinedTools(account);
            BackupDisks confined = new BackupDisks(tools, Duration.ofSeconds(60));
            Path sockets = open.resolve("sockets");
            account.makeOwn(sockets);
            Path disk = open.resolve("disk.qcow2");
            QemuImages.qemuImg(
                    "convert",
                    "-O",
                    "qcow2",
                    QemuImages.disk(open.resolve("raw")).toString(),
                    disk.toString());
            account.give(disk);
            // The tool cannot enter the test's folder, and writes to what it is given.
            Path layer = Files.createFile(folder.resolve("layer"));
            account.give(layer);
            confined.create(layer, ImageInspector.virtualSizeOfQcow2(disk).orElseThrow(), PASSPHRASE);
            DiskExport export = new DiskExport(sockets.resolve("nbd"), "os");
            // Whoever starts the VM meanwhile holds the lock of a writer, and gets it.
            Process guest = new ProcessBuilder("qemu-io", "-f", "qcow2", disk.toString()).start();
            try {
                guest.getOutputStream().write("read 0 512\n".getBytes(StandardCharsets.US_ASCII));
                guest.getOutputStream().flush();
                assertThat(guest.inputReader().readLine()).contains("512/512 bytes");
                confined.copyStopped(disk, export, layer, PASSPHRASE);
            } finally {
                guest.destroy();
            }
            Path shown = copyOf(layer, open.resolve("layer"));
            account.show(shown);
            Path restored = Files.createFile(folder.resolve("restored"));
            account.give(restored);

            confined.restore(List.of(shown), PASSPHRASE, restored);

            QemuImages.qemuImg("compare", "-f", "qcow2", "-F", "qcow2", disk.toString(), restored.toString());
            assertThat(Files.getOwner(restored)).isEqualTo(account.user());
        } finally {
            FileTree.of(open).delete();
        }
    }

    @Test
    void theWrongKeyRestoresNothing() throws Exception {
        Path layer = created("layer", BYTES);
        Path restored = Files.createFile(folder.resolve("restored"));

        BackupDiskException failed = catchThrowableOfType(
                BackupDiskException.class, () -> disks.restore(List.of(layer), new byte[] {'x'}, restored));

        assertThat(failed).hasMessageContaining("Invalid password");
    }

    @Test
    void aLayerThatNamesAnotherFileIsNeverOpened() throws Exception {
        Path layer = created("layer", BYTES);
        try (RandomAccessFile file = new RandomAccessFile(layer.toFile(), "rw")) {
            file.seek(8);
            file.writeLong(512);
        }
        Path restored = Files.createFile(folder.resolve("restored"));

        BackupDiskException failed = catchThrowableOfType(
                BackupDiskException.class, () -> disks.restore(List.of(layer), PASSPHRASE, restored));

        assertThat(failed.failure()).isEqualTo(new BackupDiskFailure.Unsound(layer, ImageFault.BackingFile));
        assertThat(restored).isEmptyFile();
    }

    @Test
    void aDiskOfABackupIsNoImage() throws Exception {
        Path layer = created("layer", BYTES);

        assertThat(ImageInspector.inspect(layer)).isEqualTo(new Refused(ImageFault.Encrypted));
        assertThat(ImageInspector.inspectBackup(QemuImages.disk(folder.resolve("raw"))))
                .isEqualTo(new Refused(ImageFault.NotEncrypted));
    }

    @Test
    void anExportThatIsGoneIsReported() throws Exception {
        Path layer = created("layer", BYTES);
        DiskExport gone = new DiskExport(folder.resolve("gone"), "os");

        assertThat(catchThrowableOfType(
                        BackupDiskException.class, () -> disks.workingCopyChanges(gone, layer, PASSPHRASE)))
                .hasMessageContaining("could not list what has changed on disk os")
                .hasMessageContaining("No such file");
    }

    /** An empty disk of a backup. */
    private Path created(String name, long bytes) throws IOException {
        Path blank = blanks.resolve(Long.toString(bytes));
        if (Files.notExists(blank)) {
            disks.create(Files.createFile(blank), bytes, PASSPHRASE);
        }
        return copyOf(blank, folder.resolve(name));
    }

    private static Path copyOf(Path file, Path to) throws IOException {
        return Files.copy(file, to, StandardCopyOption.COPY_ATTRIBUTES);
    }
}
