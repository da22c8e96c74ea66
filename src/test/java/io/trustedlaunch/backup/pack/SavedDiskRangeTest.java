package io.trustedlaunch.backup.pack;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.Pack;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.folder.MemoryDisk;
import io.trustedlaunch.backup.pack.DiskSaver.Before;
import io.trustedlaunch.backup.pack.DiskSaver.Saved;
import io.trustedlaunch.custody.PackKeys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of disks whose blocks several backups have written. */
class SavedDiskRangeTest {
    private static final Geometry GEOMETRY = new Geometry(16, 4);
    private static final UUID VM = UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11");
    private static final int BYTES = 16 * 64 * 4 * 3 - 5;

    private final MemoryDisk store = new MemoryDisk().marked();
    private final PackKeys keys = new PackKeys(new byte[32]);
    private final PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
    private final List<PackFile> packs = new ArrayList<>();
    private Optional<SegmentRef> map = Optional.empty();
    private int backups;

    private void backUp() throws IOException {
        DiskSaver.Spec spec = DiskSaverSpecBuilder.builder()
                .geometry(GEOMETRY)
                .files(new PackFiles(store.store(), VM))
                .keys(keys)
                .backup(new UUID(7, ++backups))
                .before(map.map(before -> new Before(Map.of("root", before), List.copyOf(packs))))
                .packBytes(4000)
                .workers(1)
                .mostPacks(1000)
                .build();
        try (DiskSaver saver = new DiskSaver(spec)) {
            map = Optional.of(saver.save("root", map.isEmpty() ? disk.whole() : disk.changes()));
            Saved saved = saver.finish();
            packs.clear();
            packs.addAll(saved.needed());
            packs.addAll(saved.written());
        }
        disk.mark();
    }

    private SavedDisk saved(BackupStore from) {
        return new SavedDisk(GEOMETRY, new PackFiles(from, VM), keys, map.orElseThrow(), BYTES);
    }

    /** Reads into a disk, and requires that nothing is written outside of the range, and no byte twice. */
    private byte[] read(SavedDisk from, SavedDisk.Range range) throws IOException {
        byte[] content = new byte[BYTES];
        boolean[] written = new boolean[BYTES];
        from.restore(
                range,
                () -> new SavedDisk.Target.Writer() {
                    @Override
                    public void write(long offset, ByteBuffer bytes) {
                        int at = (int) offset;
                        int length = bytes.remaining();
                        assertThat(length).isPositive();
                        assertThat(offset).isGreaterThanOrEqualTo(range.begin());
                        assertThat(offset + length).isLessThanOrEqualTo(range.end());
                        for (int each = at; each < at + length; each++) {
                            assertThat(written[each]).as("byte %d twice", each).isFalse();
                            written[each] = true;
                        }
                        bytes.get(content, at, length);
                    }

                    @Override
                    public void close() {
                        // Nothing is open.
                    }
                },
                1,
                read -> {});
        return content;
    }

    private byte[] part(SavedDisk.Range range) {
        byte[] expected = new byte[BYTES];
        int begin = (int) range.begin();
        int end = (int) Math.min(BYTES, range.end());
        System.arraycopy(disk.content(), begin, expected, begin, end - begin);
        return expected;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anyRangeIsThatPartOfTheDisk(long seed) throws IOException {
        Random random = new Random(seed);
        for (int night = 0; night < 6; night++) {
            for (int writes = 1 + random.nextInt(12); writes > 0; writes--) {
                disk.write(random);
            }
            backUp();
        }
        for (int draw = 0; draw < 150; draw++) {
            int begin = random.nextInt(BYTES + 1);
            int most = draw % 3 == 0 ? 20 : BYTES - begin;
            SavedDisk.Range range =
                    new SavedDisk.Range(begin, begin + random.nextInt(Math.min(most, BYTES - begin) + 1));

            assertThat(read(saved(store.store()), range))
                    .as("%s of seed %d", range, seed)
                    .isEqualTo(part(range));
        }
        for (SavedDisk.Range range : List.of(
                SavedDisk.Range.WHOLE,
                new SavedDisk.Range(0, BYTES),
                new SavedDisk.Range(BYTES - 1, Long.MAX_VALUE),
                new SavedDisk.Range(BYTES, BYTES))) {
            assertThat(read(saved(store.store()), range))
                    .as("%s of seed %d", range, seed)
                    .isEqualTo(part(range));
        }
    }

    /** A range of one block needs the map, one page and one piece of one segment, however large the disk is. */
    @Test
    void whatARangeDoesNotTouchIsNotRead() throws IOException {
        byte[] full = new byte[BYTES];
        new Random(3).nextBytes(full);
        disk.become(full);
        backUp();
        long stored = packs.stream().mapToLong(PackFile::bytes).sum();
        AtomicLong progress = new AtomicLong();

        byte[] content = new byte[20];
        saved(store.store())
                .restore(
                        new SavedDisk.Range(5000, 5020),
                        () -> new SavedDisk.Target.Writer() {
                            @Override
                            public void write(long offset, ByteBuffer bytes) {
                                bytes.get(content, (int) offset - 5000, bytes.remaining());
                            }

                            @Override
                            public void close() {
                                // Nothing is open.
                            }
                        },
                        1,
                        progress::addAndGet);

        assertThat(content).isEqualTo(Arrays.copyOfRange(full, 5000, 5020));
        assertThat(progress.get()).isPositive().isLessThan(stored / 10);
    }

    /** The packs of a page that the range does not touch may be gone. */
    @Test
    void damageElsewhereDoesNotMatter() throws IOException {
        byte[] full = new byte[BYTES];
        new Random(4).nextBytes(full);
        disk.become(full);
        backUp();
        int unharmed = 0;
        for (PackFile pack : packs) {
            Pack damaged = pack.pack();
            BackupId id = new BackupId(VM, damaged.backup());
            byte[] whole = store.content(id, damaged.file());
            store.alter(id, damaged.file(), bytes -> new byte[bytes.length]);
            try {
                SavedDisk.Range range = new SavedDisk.Range(17, 40);
                assertThat(read(saved(store.store()), range)).isEqualTo(part(range));
                unharmed++;
            } catch (DamagedPackException e) {
                assertThat(e).hasMessageContaining(damaged.file());
            }
            store.alter(id, damaged.file(), bytes -> whole);
        }
        assertThat(unharmed).as("all but the map and one pack").isPositive().isEqualTo(packs.size() - 2);
    }
}
