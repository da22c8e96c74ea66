package io.trustedlaunch.backup.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.process.Command;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** A store on a full file system. Runs inside a host with its own mounts. */
@Tag("host")
@EnabledIfEnvironmentVariable(
        named = "TRUSTEDLAUNCH_HOST",
        matches = ".+",
        disabledReason = "runs inside a host of a lab")
class FullFolderStoreIT {
    private static final String PACK = BackupFileName.dataPack(0);
    private static final BackupId ID = new BackupId(new UUID(1, 1), new UUID(2, 2));

    @TempDir
    private Path folder;

    @BeforeEach
    void mountASmallOne() {
        run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder.toString());
    }

    @AfterEach
    void unmount() {
        run("umount", folder.toString());
    }

    @Test
    void aFullDiskHasItsReasonAndIsFreedByTheRemoval() throws IOException {
        BackupStore store = BackupLocations.store(folder);
        write(store, BackupFileName.GUEST_STATE, 100 * 1024);

        assertThatThrownBy(() -> write(store, PACK, 200 * 1024))
                .isInstanceOfSatisfying(
                        BackupStoreException.class,
                        full -> assertThat(full.fault()).isEqualTo(StoreFault.NO_SPACE))
                .hasMessageContaining(PACK);
        assertThatThrownBy(() -> store.commit(ID, new byte[4096]))
                .isInstanceOfSatisfying(
                        BackupStoreException.class,
                        full -> assertThat(full.fault()).isEqualTo(StoreFault.NO_SPACE));
        assertThat(store.index(ID)).isEmpty();

        store.removeFiles(ID);
        assertThat(folder.resolve(ID.vm().toString())).doesNotExist();
        write(store, PACK, 200 * 1024);
        store.commit(ID, new byte[] {1});
    }

    private static void write(BackupStore store, String name, int bytes) throws IOException {
        store.write(ID, name, new ByteArrayInputStream(new byte[bytes]), bytes);
    }

    private static void run(String... command) {
        Command.Result result = new Command(List.of(command), new byte[0], Duration.ofSeconds(30)).run();
        assertThat(result.succeeded()).as(result.outputTail()).isTrue();
    }
}
