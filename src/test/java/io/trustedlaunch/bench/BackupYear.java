package io.trustedlaunch.bench;

import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRemoval;
import io.trustedlaunch.backup.CompletedBackup;
import io.trustedlaunch.backup.CompletedBackup.Check;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.backup.Retention;
import io.trustedlaunch.backup.Retention.Rules;
import io.trustedlaunch.backup.pack.PackFiles;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.bench.Figure.Pair;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.PackKeys;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A year of nightly backups of one disk, and of what its guest writes each day; restic's of the same disk beside it. Both keep the
 * last 7, and those of 4 weeks and of 12 months, and remove each night what goes.
 */
final class BackupYear implements Row {
    private static final int NIGHTS = 365;
    private static final long BYTES = 1L << 30;
    private static final long USED = 256L << 20;
    private static final int SCATTERED = 30;
    private static final int SEQUENTIAL_MEBIBYTES = 4;
    private static final int LAST = 7;
    private static final int WEEKLY = 4;
    private static final int MONTHLY = 12;
    private static final Instant BEGIN = Instant.parse("2026-01-01T02:00:00Z");
    private static final long SEED = 7;
    private static final double MEBIBYTE = 1 << 20;

    @Override
    public String name() {
        return "backup-year";
    }

    @Override
    public String summary() {
        return "what a year of nightly backups stores, beside restic's of the same disk; half an hour, only if named";
    }

    @Override
    public Place place() {
        return Place.MACHINE;
    }

    @Override
    public boolean isOnDemand() {
        return true;
    }

    @Override
    public List<Figure> measure(Run run) throws Exception {
        run.lanes().script("bench-restic");
        Path folder = Files.createTempDirectory(Path.of("/var/tmp"), "bench-year");
        try {
            return new Played(folder, run.lanes().logs().resolve("restic.log")).play();
        } finally {
            FileTree.of(folder).delete();
        }
    }

    private record Kept(BackupIndex index, int[] versions) {}

    /** One year. */
    private static final class Played {
        private final Path image;
        private final Path restored;
        private final Path store;
        private final NightlyDisk disk;
        private final Restic restic;
        private final BackupFixture fixture;
        private final Map<CompletedBackup, Kept> kept = new LinkedHashMap<>();
        private final List<Double> live = new ArrayList<>();
        private final List<Pair> stored = new ArrayList<>();
        private final List<Pair> seconds = new ArrayList<>();

        Played(Path folder, Path log) throws IOException {
            image = folder.resolve("disk");
            restored = folder.resolve("restored");
            store = Files.createDirectory(folder.resolve("store"));
            disk = new NightlyDisk(image, BYTES, USED);
            restic = new Restic(folder.resolve("restic"), folder.resolve("cache"), log);
            fixture = new BackupFixture(SEED, BackupLocations.store(store), ProtectionKey.generate(new SecureRandom()));
        }

        List<Figure> play() throws IOException, InterruptedException {
            restic.init();
            for (int night = 0; night < NIGHTS; night++) {
                if (night > 0) {
                    disk.write(night, SCATTERED, SEQUENTIAL_MEBIBYTES);
                }
                night(night);
            }
            requireLastRestores();
            return figures();
        }

        private void night(int night) throws IOException, InterruptedException {
            Instant time = BEGIN.plus(Duration.ofDays(night));
            long begin = System.nanoTime();
            backUp(night, time);
            long between = System.nanoTime();
            restic.backUp(image, time);
            restic.keep(LAST, WEEKLY, MONTHLY);
            seconds.add(new Pair((between - begin) / 1e9, (System.nanoTime() - between) / 1e9));
            live.add(NightlyDisk.liveBytes(
                            kept.values().stream().map(Kept::versions).toList())
                    / MEBIBYTE);
            stored.add(new Pair(size(store), size(restic.repository())));
        }

        private void backUp(int night, Instant time) throws IOException {
            BackupIndex made = fixture.make(
                    BackupFixture.VM,
                    night,
                    kept.values().stream().reduce((one, next) -> next).map(Kept::index),
                    Map.of(DiskName.ROOT, disk),
                    Map.of(BackupFileName.GUEST_STATE, new byte[1]),
                    fixture.key,
                    description -> description);
            kept.put(new CompletedBackup(made.backup(), time, Check.NONE), new Kept(made, disk.versions()));
            new Retention(new Rules(LAST, 0, WEEKLY, MONTHLY, 0), ZoneOffset.UTC)
                    .expired(List.copyOf(kept.keySet()), backup -> false)
                    .forEach(this::remove);
        }

        private void remove(UUID backup) {
            kept.keySet().removeIf(one -> one.backup().equals(backup));
            try {
                Optional<String> left = BackupRemoval.remove(fixture.store, new BackupId(BackupFixture.VM, backup));
                if (left.isPresent()) {
                    throw new IllegalStateException(left.get());
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static double size(Path folder) throws IOException {
            try (Stream<Path> files = Files.walk(folder)) {
                return files.filter(Files::isRegularFile)
                                .mapToLong(file -> file.toFile().length())
                                .sum()
                        / MEBIBYTE;
            }
        }

        /** Otherwise a figure would be of nothing. */
        private void requireLastRestores() throws IOException {
            BackupIndex last = kept.values().stream()
                    .reduce((one, next) -> next)
                    .orElseThrow()
                    .index();
            try (BackupKeys keys = BackupKeys.of(fixture.key, BackupFixture.VM);
                    FileChannel to = FileChannel.open(
                            restored,
                            StandardOpenOption.CREATE_NEW,
                            StandardOpenOption.SPARSE,
                            StandardOpenOption.WRITE)) {
                to.write(ByteBuffer.wrap(new byte[1]), BYTES - 1);
                BackupDescription description = ((OpenedBackup.Opening.Opened)
                                OpenedBackup.open(fixture.store, last.ref(), keys.description()))
                        .backup()
                        .description();
                new SavedDisk(
                                Geometry.STANDARD,
                                new PackFiles(fixture.store, BackupFixture.VM),
                                new PackKeys(keys.packSecret()),
                                description.disks().getFirst().map(),
                                BYTES)
                        .restore(() -> new Writer(to), 1, bytes -> {});
            }
            if (Files.mismatch(image, restored) >= 0) {
                throw new IllegalStateException("the last backup does not restore as it was");
            }
        }

        private record Writer(FileChannel to) implements SavedDisk.Target.Writer {
            @Override
            public void write(long offset, ByteBuffer from) throws IOException {
                long at = offset;
                while (from.hasRemaining()) {
                    at += to.write(from, at);
                }
            }

            @Override
            public void close() {
                // The file is closed once.
            }
        }

        private List<Figure> figures() {
            double last = live.getLast();
            List<Double> ours = stored.stream().map(Pair::ours).toList();
            List<Double> theirs = stored.stream().map(Pair::other).toList();
            return List.of(
                    Figure.of("live at the end", "MiB", last)
                            .noting(kept.size() + " backups, of " + USED / MEBIBYTE + " MiB on the disk"),
                    Figure.of("stored ÷ live at the end", "", ours.getLast() / last),
                    Figure.of("  restic's", "", theirs.getLast() / last),
                    Figure.of("stored ÷ live, each night", "", ratios(ours)),
                    Figure.of("  restic's", "", ratios(theirs)),
                    Figure.of("stored", "MiB", ours).noting("the most is the peak"),
                    Figure.of("  restic's", "MiB", theirs),
                    Figure.of(
                            "a night's backup and removals",
                            "s",
                            seconds.stream().map(Pair::ours).toList()),
                    Figure.of(
                            "  restic's", "s", seconds.stream().map(Pair::other).toList()));
        }

        private List<Double> ratios(List<Double> sizes) {
            List<Double> ratios = new ArrayList<>();
            for (int night = 0; night < sizes.size(); night++) {
                ratios.add(sizes.get(night) / live.get(night));
            }
            return ratios;
        }
    }
}
