package io.trustedlaunch.agent.backuprun;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.libvirt.InsideAHost;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Incarnations;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs of backups with the real libvirt, QEMU and swtpm. */
@InsideAHost
class BackupRunIT {
    private BackupHost on;

    @BeforeEach
    void startGuest() throws IOException {
        on = new BackupHost();
    }

    @AfterEach
    void cleanUp() throws IOException {
        on.close();
    }

    @Test
    void aFullBackupAndOneOfTheChangesRestoreTheirInstants() throws IOException {
        on.write(0, "write -P 1 0 4M");
        on.write(1, "write -P 2 32M 4M");
        on.at = point -> {
            if (point == Failpoint.BACKUP_TAKEN) {
                on.write(0, "write -P 9 0 1M");
            }
        };
        BackupRun first = on.backUp("backups");
        on.at = point -> {};
        on.write(1, "write -z -u 32M 1M");
        BackupRun second = on.backUp("backups");

        assertThat(BackupHost.result(first).type()).isEqualTo(BackupResult.Type.Full);
        assertThat(BackupHost.result(second).type()).isEqualTo(BackupResult.Type.Incremental);
        assertThat(BackupHost.result(second).baseUID())
                .isEqualTo(first.getMetadata().getUid());
        assertThat(BackupHost.result(second).changed().getNumericalAmount().longValue())
                .isEqualTo(2 << 20);
        on.assertWhole(second, "backups");
        on.assertContent("backups", DiskName.ROOT, first, "read -P 1 0 4M", "read -P 0 4M 60M");
        on.assertContent("backups", DiskName.ROOT, second, "read -P 9 0 1M", "read -P 1 1M 3M", "read -P 0 4M 60M");
        String data = DiskName.ofData("data");
        on.assertContent("backups", data, first, "read -P 2 32M 4M");
        on.assertContent("backups", data, second, "read -P 0 32M 1M", "read -P 2 33M 3M");
        on.assertNothingIsLeft(second);
    }

    @Test
    void eachLocationHasABaseOfItsOwn() throws IOException {
        BackupLocations.mark(Files.createDirectory(on.location("other")));
        on.write(0, "write -P 1 0 4M");
        on.backUp("backups");
        on.write(0, "write -P 2 1M 64k");
        BackupRun other = on.backUp("other");
        on.write(0, "write -P 3 2M 64k");

        BackupRun changes = on.backUp("backups");

        assertThat(BackupHost.result(other).type()).isEqualTo(BackupResult.Type.Full);
        assertThat(BackupHost.result(changes).changed().getNumericalAmount().longValue())
                .isEqualTo(2 * (64 << 10));
        on.assertContent("backups", DiskName.ROOT, changes, "read -P 1 0 1M", "read -P 2 1M 64k", "read -P 3 2M 64k");
        assertThat(on.libvirt.backups().checkpoints(on.vm))
                .containsExactlyInAnyOrder(
                        changes.getMetadata().getUid(), other.getMetadata().getUid());
    }

    @Test
    void aGuestThatWritesItsTpmAndItsDiskTogetherIsSavedAtOneInstant() throws IOException {
        AtomicInteger begun = new AtomicInteger();
        AtomicReference<String> atInstant = new AtomicReference<>("");
        on.at = point -> {
            if (point == Failpoint.BACKUP_BEGUN) {
                if (begun.incrementAndGet() <= 2) {
                    on.write(0, "write -P " + (10 + begun.get()) + " 0 64k");
                    on.writeTpm("number " + begun.get());
                }
                atInstant.set(on.tpm());
            }
        };

        BackupRun run = on.backUp("backups");

        // The firmware, which boots meanwhile, may change the TPM during more of them.
        assertThat(begun).hasValueGreaterThanOrEqualTo(3);
        on.assertContent("backups", DiskName.ROOT, run, "read -P 12 0 64k");
        assertThat(on.tpmIn(run).equals(atInstant.get()))
                .as("the state of the last instant")
                .isTrue();
        on.assertNothingIsLeft(run);
    }

    @Test
    void aGuestThatNeverStopsIsPausedForTheInstant() throws IOException {
        on.at = point -> {
            if (point == Failpoint.BACKUP_BEGUN && on.runs()) {
                on.writeTpm("again");
            }
        };

        BackupRun run = on.backUp("backups");

        assertThat(BackupHost.result(run).pauseMilliseconds()).isBetween(1L, 5000L);
        on.assertWhole(run, "backups");
        on.assertNothingIsLeft(run);
    }

    @Test
    void aGuestThatMigratesWaitsForNoBackup() throws IOException {
        on.at = point -> {
            if (point == Failpoint.BACKUP_TAKEN) {
                on.incarnation = on.incarnation(Incarnations.spec(BackupHost.EPOCH)
                        .departure(Incarnations.departure(2, "host-b").build()));
            }
        };
        // So that the copy takes longer than one look at the incarnation.
        on.write(0, "write -P 1 0 64M");
        on.write(1, "write -P 1 0 64M");

        BackupRun run = on.request("backups");
        on.pass();

        assertThat(BackupHost.status(run).reason()).isEqualTo(Reason.BackupGaveWay.name());
        assertThat(on.libvirt.backups().job(on.vm)).isEmpty();
        assertThat(on.libvirt.backups().checkpoints(on.vm)).isEmpty();
        assertThat(on.staged()).isEmpty();
        assertThat(on.runs()).isTrue();
    }
}
