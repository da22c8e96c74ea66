package io.trustedlaunch.backup.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.Pack;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.folder.MemoryDisk;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskReaderTest {
    private static final Geometry GEOMETRY = new Geometry(16, 4);
    private static final UUID VM = UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11");
    private static final int BYTES = 16 * 64 * 4 * 3 - 5;

    private final MemoryDisk store = new MemoryDisk().marked();
    private final PackKeys keys = new PackKeys(new byte[32]);
    private List<PackFile> packs = List.of();
    private Optional<SegmentRef> last = Optional.empty();
    private int backups;

    private SavedDisk make(PlayedDisk disk, Geometry geometry, boolean whole) throws IOException {
        PackFiles files = new PackFiles(store.store(), VM);
        DiskSaver.Spec spec = DiskSaverSpecBuilder.builder()
                .geometry(geometry)
                .files(files)
                .keys(keys)
                .backup(new UUID(7, ++backups))
                .before(last.map(map -> new DiskSaver.Before(Map.of("root", map), packs)))
                .packBytes(geometry.blockBytes() * 250L)
                .workers(1)
                .mostPacks(1000)
                .build();
        try (DiskSaver saver = new DiskSaver(spec)) {
            SegmentRef map = saver.save("root", whole ? disk.whole() : disk.changes());
            DiskSaver.Saved saved = saver.finish();
            List<PackFile> needed = new ArrayList<>(saved.needed());
            needed.addAll(saved.written());
            packs = needed;
            last = Optional.of(map);
            disk.mark();
            return new SavedDisk(geometry, files, keys, map, disk.content().length);
        }
    }

    private static byte[] read(DiskReader reader, int offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        reader.read(offset, bytes);
        assertThat(bytes.hasRemaining()).isFalse();
        return bytes.array();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anyPartIsWhatARestoreWrites(long seed) throws IOException {
        Random random = new Random(seed);
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        for (int night = 0; night < 12; night++) {
            for (int writes = random.nextInt(4); writes > 0; writes--) {
                disk.write(random);
            }
            SavedDisk saved = make(disk, GEOMETRY, night == 0 || random.nextInt(5) == 0);
            PlayedDisk.Restored restored = new PlayedDisk.Restored(BYTES);
            saved.restore(restored, 1, bytes -> {});

            try (DiskReader reader = new DiskReader(saved)) {
                assertThat(read(reader, 0, BYTES)).isEqualTo(restored.content);
                for (int reads = 0; reads < 200; reads++) {
                    int offset = random.nextInt(BYTES);
                    int length = random.nextInt(Math.min(3000, BYTES - offset) + 1);
                    byte[] expected = Arrays.copyOfRange(restored.content, offset, offset + length);

                    assertThat(read(reader, offset, length)).isEqualTo(expected);
                    int zeros = (int) reader.zeros(offset, length);
                    assertThat(Arrays.copyOf(expected, zeros)).isEqualTo(new byte[zeros]);
                }
            }
        }
    }

    @Test
    void whereNothingIsStoredItIsKnownToBeZero() throws IOException {
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        byte[] content = new byte[BYTES];
        content[5000] = 1;
        disk.become(content);

        try (DiskReader reader = new DiskReader(make(disk, GEOMETRY, true))) {
            // The fixture also reads some blocks that are zero, which are not stored.
            assertThat(reader.zeros(0, BYTES)).isEqualTo(5000 / 16 * 16);
            assertThat(reader.zeros(4999, 100)).isZero();
            assertThat(reader.zeros(5008, BYTES - 5008)).isEqualTo(BYTES - 5008);
        }
    }

    @Test
    void damageIsReportedForEachBlockAndForNoOther() throws IOException {
        Random random = new Random(5);
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        byte[] content = new byte[BYTES];
        random.nextBytes(content);
        disk.become(content);
        SavedDisk saved = make(disk, GEOMETRY, true);

        for (int i = 0; i < 200; i++) {
            Pack pack = packs.get(random.nextInt(packs.size())).pack();
            BackupId id = new BackupId(VM, pack.backup());
            byte[] whole = store.content(id, pack.file());
            int flipped = random.nextInt(whole.length);
            store.alter(id, pack.file(), bytes -> {
                byte[] altered = bytes.clone();
                altered[flipped] ^= 1;
                return altered;
            });
            int damaged = 0;
            try (DiskReader reader = new DiskReader(saved)) {
                for (int at = 0; at < BYTES; at += 16) {
                    int length = Math.min(16, BYTES - at);
                    try {
                        assertThat(read(reader, at, length)).isEqualTo(Arrays.copyOfRange(content, at, at + length));
                    } catch (DamagedPackException e) {
                        assertThat(e).hasMessageContaining(pack.file());
                        damaged++;
                    }
                }
                store.alter(id, pack.file(), bytes -> whole);
                assertThat(read(reader, 0, BYTES)).as("it is mended").isEqualTo(content);
            }
            assertThat(damaged)
                    .as("byte %d of %s", flipped, pack)
                    .isIn(pack.file().startsWith("map") ? List.of(64 * 4, BYTES / 16 + 1) : List.of(1));
        }
    }

    @Test
    void aFileThatIsMissingIsDamage() throws IOException {
        PlayedDisk disk = new PlayedDisk(GEOMETRY, BYTES);
        byte[] content = new byte[BYTES];
        Arrays.fill(content, (byte) 3);
        disk.become(content);
        SavedDisk saved = make(disk, GEOMETRY, true);
        BackupStore gone = GatedStore.of(store.store(), new GatedStore.Gate() {
            @Override
            public void before() throws BackupStoreException {
                throw new BackupStoreException(StoreFault.MISSING, "gone");
            }

            @Override
            public void after() {
                // It failed before.
            }
        });
        SavedDisk missing = new SavedDisk(GEOMETRY, new PackFiles(gone, VM), keys, saved.map(), BYTES);

        try (DiskReader reader = new DiskReader(missing)) {
            assertThatThrownBy(() -> read(reader, 0, 1))
                    .isInstanceOf(DamagedPackException.class)
                    .hasMessageContaining("is missing");
        }
    }

    @Test
    void aReaderThatGoesOnCostsARequestForTwoMebibytes() throws IOException {
        int bytes = 24 << 20;
        PlayedDisk disk = new PlayedDisk(Geometry.STANDARD, bytes);
        byte[] content = new byte[bytes];
        new Random(1).nextBytes(content);
        disk.become(content);
        SavedDisk saved = make(disk, Geometry.STANDARD, true);
        AtomicInteger requests = new AtomicInteger();
        CountedStore counted = new CountedStore(store.store(), requests);
        SavedDisk over = new SavedDisk(Geometry.STANDARD, new PackFiles(counted.store(), VM), keys, saved.map(), bytes);

        try (DiskReader reader = new DiskReader(over)) {
            for (int at = 0; at < bytes; at += 64 << 10) {
                assertThat(read(reader, at, 64 << 10)).isEqualTo(Arrays.copyOfRange(content, at, at + (64 << 10)));
                // A guest that reads elsewhere meanwhile.
                if (at % (1 << 20) == 0) {
                    read(reader, (int) ((at * 7919L) % (bytes - 4096)), 4096);
                }
            }
        }
        // Map, page, 12 for the stream and one before it goes on, and at most one for each that jumps.
        assertThat(requests.get()).isLessThanOrEqualTo(2 + 12 + 6 + 24);
    }
}
