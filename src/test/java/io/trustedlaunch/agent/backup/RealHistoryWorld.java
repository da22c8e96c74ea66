package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.disks.ConfinedTools;
import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.backup.pack.Death;
import io.trustedlaunch.backup.pack.DiskSource;
import io.trustedlaunch.backup.pack.GatedStore;
import io.trustedlaunch.backup.pack.HistoryWorld;
import io.trustedlaunch.backup.pack.PlayedDisk;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * qcow2 disks behind the real QEMU, with its records of changes; a store in a folder; and restores by QEMU's tools. A folder loses
 * no power here: the process dies instead.
 */
final class RealHistoryWorld implements HistoryWorld {
    /** A sector. */
    private static final int SCALE = 512;

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Path folder;
    private final Path storage;
    private final ConfinedTools tools;
    private final NewDisks newDisks;
    private final List<ServedDisk> disks = new ArrayList<>();

    /** @param folder that does not exist */
    RealHistoryWorld(Path folder) throws IOException {
        this.folder = Files.createDirectory(folder);
        this.storage = BackupLocations.mark(Files.createDirectory(folder.resolve("store")));
        this.tools = new ConfinedTools(Accounts.ownerOf(folder));
        this.newDisks = new NewDisks(tools, folder.resolve("sockets"), TIMEOUT);
    }

    @Override
    public int scale() {
        return SCALE;
    }

    @Override
    public Disk disk(PlayedDisk played) throws IOException {
        ServedDisk disk = new ServedDisk(played, Files.createDirectory(folder.resolve("disk-" + disks.size())));
        disks.add(disk);
        return disk;
    }

    @Override
    public byte[] restored(SavedDisk backup) throws IOException {
        Path disk = Files.createFile(folder.resolve("restored.qcow2"));
        Path raw = folder.resolve("restored");
        newDisks.make(disk, backup.bytes(), target -> backup.restore(target, 1, bytes -> {}));
        QemuImages.qemuImg("convert", "-f", "qcow2", "-O", "raw", disk.toString(), raw.toString());
        byte[] content = Files.readAllBytes(raw);
        Files.delete(disk);
        Files.delete(raw);
        return content;
    }

    @Override
    public BackupStore store() {
        return new FolderStore(storage, BackupLocations.ID);
    }

    @Override
    public BackupStore failing(int call) {
        return GatedStore.of(store(), new Death(call, call % 2 == 0));
    }

    @Override
    public void recover(Random random) {
        // Another process goes on.
    }

    @Override
    public byte[] replace(BackupId id, String file, byte[] content) throws IOException {
        Path path = storage.resolve(id.vm().toString())
                .resolve(id.backup().toString())
                .resolve(file);
        byte[] before = Files.readAllBytes(path);
        Files.write(path, content);
        return before;
    }

    @Override
    public Set<String> names() throws IOException {
        try (Stream<Path> all = Files.list(storage)) {
            return all.map(path -> path.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @Override
    public void close() throws IOException {
        disks.forEach(disk -> disk.daemon.close());
        FileTree.of(folder).delete();
    }

    private final class ServedDisk implements Disk {
        private final PlayedDisk played;
        private final Path at;
        private final long bytes;
        private StorageDaemon daemon;
        private Optional<String> checkpoint = Optional.empty();

        /** Its clusters are small, so that QEMU tracks changes as finely as they are played. */
        ServedDisk(PlayedDisk played, Path at) throws IOException {
            this.played = played;
            this.at = at;
            this.bytes = (long) played.content().length * SCALE;
            QemuImages.qemuImg(
                    "create", "-q", "-f", "qcow2", "-o", "cluster_size=8k", file().toString(), Long.toString(bytes));
            daemon = start();
        }

        private Path file() {
            return at.resolve("disk.qcow2");
        }

        private StorageDaemon start() throws IOException {
            try {
                return new StorageDaemon(at, bytes);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }

        @Override
        public void write(Random random) throws IOException {
            PlayedDisk.Written written = played.write(random);
            long offset = (long) written.offset() * SCALE;
            byte[] content = PlayedDisk.scaled(written.content(), SCALE);
            if (written.zeros()) {
                daemon.write(List.of("write -q -z -u " + offset + " " + content.length));
            } else {
                daemon.write(offset, content);
            }
        }

        @Override
        public byte[] content() {
            return played.content();
        }

        /** It is another file then, as after a restore. */
        @Override
        public void become(byte[] content) throws IOException {
            played.become(content);
            daemon.close();
            Files.delete(file());
            Files.createFile(file());
            newDisks.make(file(), bytes, target -> {
                try (SavedDisk.Target.Writer writer = target.open()) {
                    writer.write(0, ByteBuffer.wrap(PlayedDisk.scaled(content, SCALE)));
                }
            });
            daemon = start();
            checkpoint = Optional.empty();
        }

        @Override
        public Instant instant(UUID backup, Optional<UUID> since) throws IOException {
            played.mark();
            Optional<String> base = since.map(UUID::toString);
            daemon.begin(backup.toString(), base);
            Optional<String> former = checkpoint;
            checkpoint = Optional.of(backup.toString());
            OpenDisk open = new QemuDiskOpener(tools, TIMEOUT).running(daemon.export(), since.isPresent());
            return new Instant() {
                @Override
                public DiskSource source() {
                    return open.source();
                }

                @Override
                public void close() throws IOException {
                    open.close();
                    daemon.end(base);
                    if (former.isPresent()) {
                        daemon.remove(former.get());
                    }
                }
            };
        }
    }
}
