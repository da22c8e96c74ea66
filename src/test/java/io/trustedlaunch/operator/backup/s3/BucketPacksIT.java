package io.trustedlaunch.operator.backup.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.Pack;
import io.trustedlaunch.backup.PackLimits;
import io.trustedlaunch.backup.SegmentRef;
import io.trustedlaunch.backup.pack.DiskSaver;
import io.trustedlaunch.backup.pack.DiskSaverSpecBuilder;
import io.trustedlaunch.backup.pack.PackFile;
import io.trustedlaunch.backup.pack.PackFiles;
import io.trustedlaunch.backup.pack.PlayedDisk;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.backup.s3.GrantedAccess;
import io.trustedlaunch.backup.s3.Retries;
import io.trustedlaunch.backup.s3.S3Store;
import io.trustedlaunch.backup.s3.account.AccountAccess;
import io.trustedlaunch.custody.PackKeys;
import io.trustedlaunch.custody.Sha256;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.S3Server;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is signed for runs is all that they ask, to save a disk, to save it again, to verify and to restore it. */
class BucketPacksIT {
    private static final UUID VM = new UUID(1, 1);
    private static final int BYTES = 9 << 20;
    private static final PackKeys KEYS = new PackKeys(new byte[32]);

    @TempDir
    private Path folder;

    private S3Server server;
    private AccountAccess account;

    @BeforeEach
    void startTheServer() throws Exception {
        server = new S3Server(folder);
        S3 location = server.location("vms", "lab");
        account = new AccountAccess(location, S3Server.ACCOUNT, Duration.ofHours(1), Clock.systemUTC());
    }

    @AfterEach
    void stopTheServer() {
        server.close();
    }

    private record Made(BackupIndex index, SegmentRef map, DiskSaver.Saved saved) {
        DiskSaver.Before before() {
            List<PackFile> packs = index.packs().stream()
                    .flatMap(of -> of.files().stream()
                            .map(file -> new PackFile(new Pack(of.backup(), file.name()), file.bytes(), file.sha256())))
                    .toList();
            return new DiskSaver.Before(Map.of("root", map), packs);
        }
    }

    private S3Store node(GrantedAccess granted) throws IOException {
        return new S3Store(
                GrantedAccess.decode(granted.encoded()), BackupLocations.ID, Retries.NONE, folder.resolve("spool"));
    }

    private Made save(int number, byte[] content, Optional<Made> earlier) throws IOException {
        BackupId id = new BackupId(VM, BackupFixture.backup(number));
        PackLimits limits = PackLimits.of(content.length);
        S3Store node = node(GrantedAccess.toWrite(
                id, account, limits, earlier.map(Made::index).stream().toList()));
        node.begin(id);
        DiskSaver.Spec spec = DiskSaverSpecBuilder.builder()
                .geometry(Geometry.STANDARD)
                .files(new PackFiles(node, VM))
                .keys(KEYS)
                .backup(id.backup())
                .before(earlier.map(Made::before))
                .packBytes(limits.packBytes())
                .workers(PackLimits.WORKERS)
                .mostPacks(1000)
                .build();
        try (DiskSaver saver = new DiskSaver(spec)) {
            SegmentRef map =
                    saver.save("root", PlayedDisk.of(Geometry.STANDARD, content).whole());
            DiskSaver.Saved saved = saver.finish();
            BackupIndex index = new BackupIndex(
                    id.backup(),
                    VM,
                    "0".repeat(16),
                    List.of(
                            written(node, id, BackupFileName.DESCRIPTION),
                            written(node, id, BackupFileName.GUEST_STATE)),
                    BackupFixture.packs(saved));
            node.commit(id, index.encoded());
            return new Made(index, map, saved);
        }
    }

    private static BackupFile written(S3Store node, BackupId id, String file) throws IOException {
        node.write(id, file, new ByteArrayInputStream(new byte[] {1}), 1);
        return new BackupFile(file, 1, Sha256.of(new byte[] {1}));
    }

    @Test
    void aDiskIsSavedTwiceAndRestored() throws IOException {
        byte[] content = new byte[BYTES];
        new Random(1).nextBytes(content);
        Made first = save(1, content, Optional.empty());
        content[BYTES / 2] ^= 1;
        Made second = save(2, content, Optional.of(first));
        assertThat(second.saved().storedBytes()).isPositive().isLessThan(BYTES / 2);
        assertThat(second.saved().needed()).isNotEmpty();

        BackupIndex wanted = second.index();
        S3Store node = node(GrantedAccess.toRead(
                new BackupId(VM, new UUID(9, 9)), account, wanted.id(), Optional.of(wanted), List.of()));
        assertThat(new BackupVerification(node, bytes -> {})
                        .verify(wanted.ref())
                        .findings())
                .isEmpty();
        PlayedDisk.Restored restored = new PlayedDisk.Restored(BYTES);
        new SavedDisk(Geometry.STANDARD, new PackFiles(node, VM), KEYS, second.map(), BYTES)
                .restore(restored, PackLimits.WORKERS, bytes -> {});
        assertThat(restored.content).isEqualTo(content);
    }
}
