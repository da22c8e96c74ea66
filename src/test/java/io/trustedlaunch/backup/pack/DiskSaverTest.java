package io.trustedlaunch.backup.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.folder.MemoryDisk;
import io.trustedlaunch.backup.pack.DiskSaver.Before;
import io.trustedlaunch.backup.pack.DiskSaver.Saved;
import io.trustedlaunch.backup.pack.DiskSaver.Spec;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.PackKeys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskSaverTest {
    private static final Geometry GEOMETRY = new Geometry(16, 4);
    private static final UUID VM = UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11");
    private static final int BYTES = 16 * 64 * 4 * 3 - 5;
    private static final long PACK = 4000;

    private final MemoryDisk store = new MemoryDisk().marked();
    private final PackFiles files = new PackFiles(store.store(), VM);
    private final PackKeys keys = new PackKeys(new byte[32]);
    private int backups;

    /** A backup that was made. */
    private record Made(UUID backup, SegmentRef map, Saved saved, byte[] content) {
        Before before() {
            List<PackFile> packs = new ArrayList<>(saved.needed());
            packs.addAll(saved.written());
            return new Before(Map.of("root", map), packs);
        }
    }

    private Made make(PlayedDisk disk, DiskSource source, Optional<Made> before) throws IOException {
        UUID backup = new UUID(7, ++backups);
        Spec spec = DiskSaverSpecBuilder.builder()
                .geometry(GEOMETRY)
                .files(files)
                .keys(keys)
                .backup(backup)
                .before(before.map(Made::before))
                .packBytes(PACK)
                .workers(2)
                .mostPacks(1000)
                .build();
        try (DiskSaver saver = new DiskSaver(spec)) {
            SegmentRef map = saver.save("root", source);
            Made made = new Made(backup, map, saver.finish(), disk.content());
            disk.mark();
            return made;
        }
    }

    private byte[] restored(Made made) throws IOException {
        PlayedDisk.Restored target = new PlayedDisk.Restored(made.content().length);
        new SavedDisk(GEOMETRY, files, keys, made.map(), target.content.length).restore(target, 2, bytes -> {});
        return target.content;
    }

    @Test
    void anEmptyDiskIsSaved() throws IOException {
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);

        Made made = make(disk, disk.whole(), Optional.empty());

        assertThat(restored(made)).isEqualTo(disk.content());
        assertThat(made.saved().storedBytes()).isZero();
    }

    /** Each backup is whole by itself, however many were made before it and whatever was read for it. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void eachBackupIsTheDiskOfItsInstant(long seed) throws IOException {
        Random random = new Random(seed);
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        List<Made> all = new ArrayList<>();
        for (int night = 0; night < 30; night++) {
            for (int writes = random.nextInt(5); writes > 0; writes--) {
                disk.write(random);
            }
            boolean whole = all.isEmpty() || random.nextInt(4) == 0;
            Optional<Made> before =
                    all.isEmpty() || random.nextInt(9) == 0 ? Optional.empty() : Optional.of(all.getLast());
            all.add(make(disk, whole || before.isEmpty() ? disk.whole() : disk.changes(), before));
        }

        for (Made made : all) {
            assertThat(restored(made))
                    .as("backup %s of seed %d", made.backup(), seed)
                    .isEqualTo(made.content());
        }
    }

    @Test
    void whatIsUnchangedIsNotStoredAgainEvenIfAllIsRead() throws IOException {
        Random random = new Random(11);
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        for (int write = 0; write < 20; write++) {
            disk.write(random);
        }
        Made first = make(disk, disk.whole(), Optional.empty());

        Made second = make(disk, disk.whole(), Optional.of(first));

        assertThat(second.saved().readBytes()).isPositive();
        assertThat(second.saved().storedBytes()).isZero();
        assertThat(second.saved().written()).isEmpty();
        assertThat(second.map()).isEqualTo(first.map());
    }

    @Test
    void anIncrementalOfNothingReadsAndWritesNothing() throws IOException {
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        disk.write(new Random(3));
        Made first = make(disk, disk.whole(), Optional.empty());

        Made second = make(disk, disk.changes(), Optional.of(first));

        assertThat(second.saved().readBytes()).isZero();
        assertThat(second.saved().written()).isEmpty();
        assertThat(second.saved().needed()).isEqualTo(first.saved().written());
    }

    /** Else a pack would stay for ever for one block of it. */
    @Test
    void aPackThatIsHalfEmptyIsLeftBehind() throws IOException {
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        Random random = new Random(5);
        Made made = make(disk, disk.whole(), Optional.empty());
        for (int night = 0; night < 300; night++) {
            disk.write(random);
            disk.write(random);
            made = make(disk, disk.changes(), Optional.of(made));

            long needed =
                    made.before().packs().stream().mapToLong(PackFile::bytes).sum();
            assertThat(needed).as("night %d", night).isLessThan(5L * BYTES);
        }
        assertThat(restored(made)).isEqualTo(disk.content());
    }

    @Test
    void alteredDataIsNeverRestored() throws IOException {
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        disk.write(new Random(3));
        Made made = make(disk, disk.whole(), Optional.empty());

        for (PackFile pack : made.saved().written()) {
            BackupId id = new BackupId(VM, made.backup());
            byte[] whole = store.content(id, pack.pack().file());
            for (int at = 0; at < whole.length; at += 7) {
                int flipped = at;
                store.alter(id, pack.pack().file(), bytes -> {
                    byte[] altered = bytes.clone();
                    altered[flipped] ^= 1;
                    return altered;
                });
                assertThatThrownBy(() -> restored(made))
                        .isInstanceOf(DamagedPackException.class)
                        .hasMessageContaining(pack.pack().file())
                        .extracting(e -> ((DamagedPackException) e).fault())
                        .isEqualTo(BackupFault.ALTERED);
                store.alter(id, pack.pack().file(), bytes -> whole);
            }
        }
        assertThat(restored(made)).isEqualTo(disk.content());
    }

    @Test
    void aSegmentOpensNowhereElse() throws IOException {
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        disk.write(new Random(3));
        Made first = make(disk, disk.whole(), Optional.empty());
        disk.write(new Random(4));
        Made second = make(disk, disk.whole(), Optional.empty());
        String pack = first.saved().written().getFirst().pack().file();
        byte[] other = store.content(new BackupId(VM, second.backup()), pack);

        store.alter(new BackupId(VM, first.backup()), pack, bytes -> other);

        assertThatThrownBy(() -> restored(first)).isInstanceOf(DamagedPackException.class);
    }

    @Test
    void aDiskThatBecameSmallerIsSaved() throws IOException {
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        for (int write = 0; write < 40; write++) {
            disk.write(new Random(write));
        }
        Made first = make(disk, disk.whole(), Optional.empty());
        PlayedDisk smaller = PlayedDisk.of(GEOMETRY, Arrays.copyOf(disk.content(), BYTES / 2));

        Made second = make(smaller, smaller.changes(), Optional.of(first));

        assertThat(restored(second)).isEqualTo(smaller.content());
    }

    /** Its last block was not whole, and the record of changes begins with what is written after that. */
    @Test
    void aDiskThatGrewIsSavedByItsChanges() throws IOException {
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        for (int write = 0; write < 40; write++) {
            disk.write(new Random(write));
        }
        Made first = make(disk, disk.whole(), Optional.empty());
        PlayedDisk larger = PlayedDisk.of(GEOMETRY, Arrays.copyOf(disk.content(), 2 * BYTES));

        Made second = make(larger, larger.changes(), Optional.of(first));
        for (int write = 0; write < 10; write++) {
            larger.write(new Random(write));
        }
        Made third = make(larger, larger.changes(), Optional.of(second));

        assertThat(second.saved().readBytes()).isZero();
        assertThat(restored(second)).isEqualTo(second.content()).hasSize(2 * BYTES);
        assertThat(restored(third)).isEqualTo(larger.content());
    }

    /** It is the tag of a cipher whose nonce is always the same: who sees it and the data can find its key. */
    @Test
    void digestsAreSeenInSealedPagesOnly() throws IOException {
        BackupFixture fixture = new BackupFixture(5);
        BackupIndex index = fixture.make(BackupFixture.VM, 1);
        Set<String> digests = new HashSet<>();
        try (BackupKeys open = BackupKeys.of(fixture.key, BackupFixture.VM);
                PackReader reader = new PackReader(
                        new PackFiles(fixture.store, BackupFixture.VM), new PackKeys(open.packSecret()))) {
            OpenedBackup backup = ((OpenedBackup.Opening.Opened)
                            OpenedBackup.open(fixture.store, index.ref(), open.description()))
                    .backup();
            MapReader maps = new MapReader(reader);
            for (BackupDescription.Disk saved : backup.description().disks()) {
                for (DiskMap.PageRef page : maps.map(saved.map()).pages()) {
                    maps.page(page.at())
                            .slots()
                            .forEach(slot -> slot.segments().forEach(segment -> digests.add(segment.digest())));
                }
            }
            assertThat(backup.description().toString()).doesNotContain(digests);
        }
        assertThat(digests).hasSize(2);
        for (String file : fixture.disk.files(index.id())) {
            byte[] stored = fixture.disk.content(index.id(), file);
            assertThat(HexFormat.of().formatHex(stored)).as(file).doesNotContain(digests);
            assertThat(new String(stored, StandardCharsets.ISO_8859_1)).as(file).doesNotContain(digests);
        }
    }

    /** Else a thread would write into a folder that was removed, or read from what was closed. */
    @Test
    void noThreadOutlivesAFailure() {
        CountDownLatch reading = new CountDownLatch(1);
        AtomicInteger used = new AtomicInteger();
        AtomicBoolean isClosedInUse = new AtomicBoolean();
        DiskSource failing = new DiskSource() {
            @Override
            public long bytes() {
                return BYTES;
            }

            @Override
            public Wanted wanted(Geometry geometry) {
                BitSet all = new BitSet();
                all.set(0, geometry.blocks(BYTES));
                return new Wanted(all, true);
            }

            @Override
            public Reader open() {
                return new Reader() {
                    @Override
                    public void read(long offset, ByteBuffer into) throws IOException {
                        used.incrementAndGet();
                        try {
                            if (offset == 0) {
                                reading.await();
                                throw new IOException("the disk is gone");
                            }
                            reading.countDown();
                            Thread.sleep(10_000);
                        } catch (InterruptedException e) {
                            // It still takes a moment.
                            LockSupport.parkNanos(100_000_000);
                            throw new IOException(e);
                        } finally {
                            used.decrementAndGet();
                        }
                    }

                    @Override
                    public void close() {
                        isClosedInUse.compareAndSet(false, used.get() > 0);
                    }
                };
            }
        };
        PlayedDisk none = new PlayedDisk(GEOMETRY, BYTES);

        assertThatThrownBy(() -> make(none, failing, Optional.empty())).hasMessage("the disk is gone");
        assertThat(isClosedInUse).isFalse();
    }

    @Test
    void aRestoreThatIsBrokenOffEndsWithThat() throws IOException {
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        disk.write(new Random(3));
        Made made = make(disk, disk.whole(), Optional.empty());
        SavedDisk saved = new SavedDisk(GEOMETRY, files, keys, made.map(), BYTES);

        assertThatThrownBy(() -> saved.restore(new PlayedDisk.Restored(BYTES), 2, bytes -> {
                    throw new CancellationException("by its owner");
                }))
                .isInstanceOf(CancellationException.class);
    }

    @Test
    void aBlockPastTheEndIsNotRestored() throws IOException {
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        byte[] all = new byte[BYTES];
        Arrays.fill(all, (byte) 1);
        disk.become(all);
        Made made = make(disk, disk.whole(), Optional.empty());
        SavedDisk shorter = new SavedDisk(GEOMETRY, files, keys, made.map(), 100);

        assertThatThrownBy(() -> shorter.restore(new PlayedDisk.Restored(100), 1, bytes -> {}))
                .isInstanceOf(DamagedPackException.class)
                .hasMessageContaining("past the end");
    }
}
