package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.folder.FolderMarker;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.backup.pack.DiskSaver;
import io.trustedlaunch.backup.pack.DiskSaverSpecBuilder;
import io.trustedlaunch.backup.pack.PackFile;
import io.trustedlaunch.backup.pack.PackFiles;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.custody.PackKeys;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/**
 * Measures the data path of backups beside a copy: FOLDER ROUNDS. Processor time is that of this process, its tools and the
 * server of the disk.
 */
final class DataPathTrial {
    private static final long BYTES = 4L << 30;
    private static final byte[] KEY = new byte[32];
    private static final UUID VM = new UUID(1, 2);

    private interface Step {
        void run() throws Exception;
    }

    private static Path daemon;

    private DataPathTrial() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        Path content = folder.resolve("content");
        if (Files.notExists(content)) {
            writeContent(content);
        }
        for (int round = 0; round < rounds; round++) {
            Path at = Files.createDirectory(folder.resolve("round-" + round));
            QemuImages.qemuImg(
                    "convert",
                    "-O",
                    "qcow2",
                    content.toString(),
                    at.resolve("disk.qcow2").toString());
            round(at, content, round);
            FileTree.of(at).delete();
        }
    }

    private static void round(Path at, Path content, int round) throws Exception {
        measure(round, "copy with fsync", () -> copy(content, at.resolve("copy")));
        Files.delete(at.resolve("copy"));
        try (StorageDaemon daemon = new StorageDaemon(at, BYTES)) {
            DataPathTrial.daemon = at.resolve("pid");
            daemon.begin("checkpoint-0", Optional.empty());
            List<DiskSaver.Before> first = new ArrayList<>();
            measure(round, "full", () -> first.add(save(daemon, at, 1, Optional.empty(), false)));
            DiskSaver.Before full = first.getFirst();
            measure(round, "restore", () -> restore(at, full, at.resolve("restored")));
            System.out.println("  restored differs at " + Files.mismatch(content, at.resolve("restored")));
            Files.delete(at.resolve("restored"));
            measure(round, "all read again, nothing changed", () -> save(daemon, at, 2, Optional.of(full), false));
            daemon.end(Optional.empty());
            daemon.write(writes());
            daemon.begin("checkpoint-1", Optional.of("checkpoint-0"));
            measure(round, "150 MiB changed", () -> save(daemon, at, 3, Optional.of(full), true));
            measure(round, "verify", () -> verify(at));
            daemon.end(Optional.of("checkpoint-0"));
        }
    }

    private static PackFiles files(Path at) throws IOException {
        Path store = at.resolve("store");
        if (Files.notExists(store)) {
            Files.createDirectory(store);
            new FolderMarker(store).make(BackupLocations.ID);
        }
        return new PackFiles(new FolderStore(store, BackupLocations.ID), VM);
    }

    private static DiskSaver.Before save(
            StorageDaemon daemon, Path at, int number, Optional<DiskSaver.Before> before, boolean changes)
            throws IOException {
        DiskSaver.Spec spec = DiskSaverSpecBuilder.builder()
                .geometry(Geometry.STANDARD)
                .files(files(at))
                .keys(new PackKeys(KEY))
                .backup(new UUID(1, number))
                .before(before)
                .packBytes(64L << 20)
                .workers(2)
                .mostPacks(1000)
                .build();
        try (DiskSaver saver = new DiskSaver(spec)) {
            SegmentRef map = saver.save("os", NbdDisk.of(daemon.export(), changes));
            DiskSaver.Saved saved = saver.finish();
            System.out.printf("  read %d MiB, stored %d KiB%n", saved.readBytes() >> 20, saved.storedBytes() >> 10);
            List<PackFile> packs = new ArrayList<>(saved.needed());
            packs.addAll(saved.written());
            return new DiskSaver.Before(Map.of("os", map), packs);
        }
    }

    private static void restore(Path at, DiskSaver.Before saved, Path to) throws IOException {
        try (FileChannel target = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            target.write(ByteBuffer.wrap(new byte[1]), BYTES - 1);
            SavedDisk.Target disk = () -> new SavedDisk.Target.Writer() {
                @Override
                public void write(long offset, ByteBuffer from) throws IOException {
                    long next = offset;
                    while (from.hasRemaining()) {
                        next += target.write(from, next);
                    }
                }

                @Override
                public void close() {
                    // The file is closed once.
                }
            };
            new SavedDisk(
                            Geometry.STANDARD,
                            files(at),
                            new PackKeys(KEY),
                            saved.maps().get("os"),
                            BYTES)
                    .restore(disk, 2, bytes -> {});
            target.force(true);
        }
    }

    private static void verify(Path at) throws IOException {
        byte[] piece = new byte[64 << 10];
        try (var all = Files.walk(at.resolve("store"))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                io.trustedlaunch.custody.Sha256 digest = new io.trustedlaunch.custody.Sha256();
                try (var in = Files.newInputStream(file)) {
                    for (int read = in.read(piece); read > 0; read = in.read(piece)) {
                        digest.update(ByteBuffer.wrap(piece, 0, read));
                    }
                }
                digest.hex();
            }
        }
    }

    private static List<String> writes() {
        List<String> writes = new ArrayList<>();
        for (int at = 0; at < 800; at++) {
            writes.add("write -q -P " + (at % 200 + 1) + " " + (long) at * 4 * 1024 * 1024 / 4096 * 4096 + " 64k");
        }
        writes.add("write -q -P 77 300M 100M");
        return writes;
    }

    private static void copy(Path from, Path to) throws IOException, InterruptedException {
        int code = new ProcessBuilder(
                        "sh",
                        "-c",
                        "cp --sparse=auto \"$1\" \"$2\" && sync \"$2\"",
                        "sh",
                        from.toString(),
                        to.toString())
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("cp failed");
        }
    }

    /** 1 GiB of 4: half of it files of this system, half random. */
    private static void writeContent(Path content) throws IOException {
        Random random = new Random(7);
        byte[] block = new byte[1 << 20];
        try (FileChannel out = FileChannel.open(content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int at = 0; at < 1024; at++) {
                random.nextBytes(block);
                if (at % 2 == 0) {
                    Arrays.fill(block, 0, block.length / 2, (byte) at);
                }
                out.write(ByteBuffer.wrap(block), ((long) at * 4) << 20);
            }
            out.write(ByteBuffer.wrap(new byte[1]), BYTES - 1);
        }
    }

    private static void measure(int round, String what, Step step) throws Exception {
        long before = ticks();
        long start = System.nanoTime();
        step.run();
        long wall = System.nanoTime() - start;
        System.out.printf(
                "%d  %-40s %6.2f s  processor %6.2f s%n", round, what, wall / 1e9, (ticks() - before) / 100.0);
    }

    /** Of this process, the tools that it has waited for, and the storage daemon; in hundredths of a second. */
    private static long ticks() throws IOException {
        long sum = used(Path.of("/proc/self/stat"), 13, 14, 15, 16);
        if (daemon != null && Files.exists(daemon)) {
            sum += used(Path.of("/proc", Files.readString(daemon).strip(), "stat"), 13, 14);
        }
        return sum;
    }

    private static long used(Path stat, int... fields) throws IOException {
        String text = Files.readString(stat);
        String[] all = text.substring(text.lastIndexOf(')') + 2).split(" ");
        long sum = 0;
        for (int field : fields) {
            sum += Long.parseLong(all[field - 2]);
        }
        return sum;
    }
}
