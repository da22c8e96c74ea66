package io.trustedlaunch.agent.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.disks.QemuImages;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.backup.pack.DiskSaver;
import io.trustedlaunch.backup.pack.DiskSaverSpecBuilder;
import io.trustedlaunch.backup.pack.PackFile;
import io.trustedlaunch.backup.pack.PackFiles;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.custody.PackKeys;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instants that the real QEMU serves, saved one after the other by their changes, or as a whole: each is restored as it was. */
class SavedInstantsIT {
    private static final int INSTANTS = Integer.getInteger("saved.instants", 10);
    private static final long SEED = Long.getLong("saved.seed", new Random().nextLong());

    /** Some slots, and no whole number of blocks. */
    private static final int BYTES = (11 << 20) + 3 * 512;

    private static final long PACK_BYTES = 2 << 20;
    private static final PackKeys KEYS = new PackKeys(new byte[32]);

    @TempDir
    private Path folder;

    private final Random random = new Random(SEED);
    private final ModelDisk model = new ModelDisk(BYTES, random);
    private final List<Instant> saved = new ArrayList<>();
    private PackFiles files;

    private record Instant(DiskSaver.Before backup, byte[] content) {}

    @BeforeEach
    void makeDisk() throws IOException {
        QemuImages.qemuImg(
                "create", "-q", "-f", "qcow2", folder.resolve("disk.qcow2").toString(), Integer.toString(BYTES));
        Path store = BackupLocations.mark(Files.createDirectory(folder.resolve("store")));
        files = new PackFiles(new FolderStore(store, BackupLocations.ID), UUID.randomUUID());
    }

    @Test
    void eachInstantIsRestoredAsItWas() throws Exception {
        try (StorageDaemon daemon = new StorageDaemon(folder, BYTES)) {
            Optional<String> base = Optional.empty();
            for (int instant = 0; instant < INSTANTS; instant++) {
                daemon.write(model.writes());
                daemon.begin("checkpoint-" + instant, base);
                byte[] content = model.content();
                daemon.write(model.writes());
                saved.add(new Instant(save(daemon.export(), base.isPresent() && random.nextInt(4) > 0), content));
                daemon.end(base);
                if (base.isPresent()) {
                    daemon.remove(base.get());
                }
                base = Optional.of("checkpoint-" + instant);
            }
        }
        for (int instant = 0; instant < INSTANTS; instant++) {
            assertThat(restored(saved.get(instant).backup()))
                    .as("-Dsaved.seed=" + SEED + ", instant " + instant)
                    .isEqualTo(saved.get(instant).content());
        }
    }

    private DiskSaver.Before save(DiskExport export, boolean changes) throws IOException {
        Optional<DiskSaver.Before> before =
                saved.isEmpty() ? Optional.empty() : Optional.of(saved.getLast().backup());
        DiskSaver.Spec spec = DiskSaverSpecBuilder.builder()
                .geometry(Geometry.STANDARD)
                .files(files)
                .keys(KEYS)
                .backup(UUID.randomUUID())
                .before(before)
                .packBytes(PACK_BYTES)
                .workers(2)
                .mostPacks(INSTANTS)
                .build();
        try (DiskSaver saver = new DiskSaver(spec)) {
            SegmentRef map = saver.save("root", NbdDisk.of(export, changes));
            DiskSaver.Saved all = saver.finish();
            List<PackFile> packs = new ArrayList<>(all.needed());
            packs.addAll(all.written());
            return new DiskSaver.Before(Map.of("root", map), packs);
        }
    }

    private byte[] restored(DiskSaver.Before backup) throws IOException {
        byte[] content = new byte[BYTES];
        SavedDisk.Target target = () -> new SavedDisk.Target.Writer() {
            @Override
            public void write(long offset, ByteBuffer from) {
                from.get(content, (int) offset, from.remaining());
            }

            @Override
            public void close() {
                // There is nothing to close.
            }
        };
        new SavedDisk(Geometry.STANDARD, files, KEYS, backup.maps().get("root"), BYTES).restore(target, 2, bytes -> {});
        return content;
    }
}
