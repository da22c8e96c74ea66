package io.trustedlaunch.operator.backup.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.s3.S3Store;
import io.trustedlaunch.backup.s3.account.AccountAccess;
import io.trustedlaunch.process.Command;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.S3Server;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** A bucket on a full file system. Runs inside a host with its own mounts. */
@Tag("host")
@EnabledIfEnvironmentVariable(
        named = "TRUSTEDLAUNCH_HOST",
        matches = ".+",
        disabledReason = "runs inside a host of a lab")
class FullBucketIT {
    private static final BackupId ID = new BackupId(new UUID(1, 1), new UUID(2, 2));

    @TempDir
    private Path folder;

    private Path buckets;

    @BeforeEach
    void mountASmallOne() throws IOException {
        buckets = Files.createDirectory(folder.resolve("buckets"));
        run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", buckets.toString());
    }

    @AfterEach
    void unmount() {
        run("umount", buckets.toString());
    }

    @Test
    void aFullBucketHasItsReasonAndIsFreedByTheRemoval() throws Exception {
        try (S3Server server = new S3Server(folder)) {
            BackupStore store = new S3Store(
                    new AccountAccess(
                            server.location("vms", "lab"), S3Server.ACCOUNT, Duration.ofHours(1), Clock.systemUTC()),
                    BackupLocations.ID);
            write(store, BackupFileName.GUEST_STATE, 4 << 20);

            String pack = BackupFileName.dataPack(0);
            assertThatThrownBy(() -> write(store, pack, 6 << 20))
                    .isInstanceOfSatisfying(
                            BackupStoreException.class,
                            full -> assertThat(full.fault())
                                    .as(full.getMessage())
                                    .isEqualTo(StoreFault.NO_SPACE))
                    .hasMessageContaining(pack);
            store.removeFiles(ID);
            assertThat(store.vms()).isEmpty();
            store.begin(ID);
            write(store, pack, 6 << 20);
            store.commit(ID, new byte[] {1});
        }
    }

    private static void write(BackupStore store, String name, int bytes) throws IOException {
        store.write(ID, name, new ByteArrayInputStream(new byte[bytes]), bytes);
    }

    private static void run(String... command) {
        Command.Result result = new Command(List.of(command), new byte[0], Duration.ofSeconds(30)).run();
        assertThat(result.succeeded()).as(result.outputTail()).isTrue();
    }
}
