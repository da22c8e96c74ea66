package io.trustedlaunch.agent.fillserver;

import io.trustedlaunch.agent.nbd.NbdClient;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

/** A backup in a folder, of a root disk of which half is zero, and a small data disk. */
final class FillFixture {
    static final int BYTES = (8 << 20) + 100;

    final Path location;
    final BackupIndex index;
    final byte[] root = new byte[BYTES];
    final byte[] data;
    private final ProtectionKey key = ProtectionKey.generate(new SecureRandom());

    FillFixture(Path location) {
        this.location = location;
        new Random(3).nextBytes(root);
        Arrays.fill(root, 2 << 20, 6 << 20, (byte) 0);
        BackupFixture backups = new BackupFixture(3, BackupLocations.store(location), key);
        this.data = backups.bytes(70_000);
        this.index = backups.make(
                BackupFixture.VM,
                1,
                Optional.empty(),
                new BackupFixture.Content(
                        Map.of(DiskName.ROOT, root, DiskName.ofData("db"), data),
                        Map.of(BackupFileName.GUEST_STATE, new byte[10])),
                key);
    }

    FillContent content() {
        return content(OptionalLong.empty());
    }

    FillContent content(OptionalLong bytesPerSecond) {
        return new FillContent(
                new BackupRunSpec.Location("nas", BackupLocations.ID.toString(), location.toString()),
                index.ref(),
                BackupKeys.of(key, BackupFixture.VM),
                new byte[0],
                bytesPerSecond);
    }

    /** Where the backup's packs are. */
    Path folder() {
        return location.resolve(index.vm().toString())
                .resolve(index.id().backup().toString());
    }

    static byte[] read(Path socket, String disk, long offset, int length) throws IOException {
        try (NbdClient client = NbdClient.open(socket, disk, List.of())) {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            client.read(offset, bytes);
            return bytes.array();
        }
    }

    /** The keys as a search would find them in a memory or a file. */
    byte[] packSecret() {
        return BackupKeys.of(key, BackupFixture.VM).packSecret();
    }
}
