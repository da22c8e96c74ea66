package io.trustedlaunch.backup.pack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.backup.BackupContent;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.backup.SealedDescription;
import io.trustedlaunch.backup.pack.DiskSaver.Saved;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.PackKeys;
import io.trustedlaunch.custody.ProtectionKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Makes and opens backups of a VM with small disks, as an agent does. */
final class PlayedAgent {
    static final UUID VM = UUID.fromString("3e0a6c1c-6f0e-4a53-9d1b-0b6d5f6c7a11");

    private static final Geometry GEOMETRY = new Geometry(16, 2);
    private static final int DISK_BYTES = 16 * 64 * 2 - 5;
    private static final long PACK_BYTES = 600;
    private static final int MOST_PACKS = 12;

    private static final ProtectionKey KEY = ProtectionKey.of("a key of thirty-two bytes for it".getBytes(UTF_8));
    private static final SecureRandom SECURE = new SecureRandom();

    private final BackupKeys keys = BackupKeys.of(KEY, VM);
    private final int scale;
    private final Geometry geometry;

    /** @param scale of disks, blocks and packs */
    PlayedAgent(int scale) {
        this.scale = scale;
        this.geometry = new Geometry(GEOMETRY.blockBytes() * scale, GEOMETRY.pageSlots());
    }

    /** Without the scale. */
    static PlayedDisk newDisk() {
        return new PlayedDisk(GEOMETRY, DISK_BYTES);
    }

    Optional<OpenedBackup> open(BackupStore store, BackupRef ref) throws BackupStoreException {
        return OpenedBackup.open(store, ref, keys.description())
                        instanceof OpenedBackup.Opening.Opened(OpenedBackup opened)
                ? Optional.of(opened)
                : Optional.empty();
    }

    SavedDisk disk(BackupStore store, BackupDescription.Disk saved) {
        return new SavedDisk(
                geometry, new PackFiles(store, VM), new PackKeys(keys.packSecret()), saved.map(), saved.virtualBytes());
    }

    BackupIndex save(
            BackupStore store, BackupId id, Optional<OpenedBackup> base, Map<String, HistoryWorld.Instant> instants)
            throws IOException {
        List<BackupDescription.Disk> disks = new ArrayList<>();
        Saved saved;
        try (DiskSaver saver = new DiskSaver(DiskSaverSpecBuilder.builder()
                .geometry(geometry)
                .files(new PackFiles(store, VM))
                .keys(new PackKeys(keys.packSecret()))
                .backup(id.backup())
                .before(base.map(BackupFixture::before))
                .packBytes(PACK_BYTES * scale)
                .workers(1)
                .mostPacks(MOST_PACKS)
                .build())) {
            for (Map.Entry<String, HistoryWorld.Instant> instant : instants.entrySet()) {
                String name = instant.getKey();
                disks.add(new BackupDescription.Disk(
                        name,
                        (long) DISK_BYTES * scale,
                        saver.save(name, instant.getValue().source())));
            }
            saved = saver.finish();
        }
        BackupFile state = write(store, id, BackupFileName.GUEST_STATE, new byte[] {1, 2, 3});
        BackupContent content =
                new BackupContent(id.backup(), VM, KEY.keyId(), List.of(state), BackupFixture.packs(saved));
        byte[] sealed =
                SealedDescription.seal(BackupFixture.describe(content, disks).build(), keys.description(), SECURE);
        return content.index(write(store, id, BackupFileName.DESCRIPTION, sealed));
    }

    private static BackupFile write(BackupStore store, BackupId id, String name, byte[] content) throws IOException {
        store.write(id, name, new ByteArrayInputStream(content), content.length);
        return BackupFixture.entry(name, content);
    }
}
