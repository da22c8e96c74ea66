package io.trustedlaunch.agent.download;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupDownloadStatusBuilder;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.custody.RestoreEnvelope;
import io.trustedlaunch.testkit.JumpingClocksContract;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What an agent believes of a VMBackupDownload whose status names its node. */
class DownloadSessionTest {
    private static final BackupRef BACKUP =
            new BackupRef(new BackupId(BackupFixture.VM, BackupFixture.backup(1)), "ab".repeat(32));

    @Test
    void aDownloadThatIsReadyIsASession() {
        assertThat(session(status -> status)).hasValueSatisfying(session -> {
            assertThat(session.backup()).isEqualTo(BACKUP);
            assertThat(session.disk()).isEqualTo("root");
            assertThat(session.name()).isEqualTo("finance/one");
            assertThat(session.address())
                    .isEqualTo(new RestoreEnvelope.Address(Downloads.uid("one"), BackupFixture.VM, Downloads.NODE));
        });
    }

    @Test
    void oneOfAnotherNodeIsNone() {
        assertThat(session(status -> status.nodeName("host-c"))).isEmpty();
        assertThat(session(status -> status.nodeName(null))).isEmpty();
    }

    @Test
    void oneThatIsBeingDeletedIsNone() {
        VMBackupDownload download = Downloads.of("one", "a".repeat(64), BACKUP, status -> status);
        download.getMetadata().setDeletionTimestamp(Downloads.NOW.toString());

        assertThat(DownloadSession.of(download, Downloads.NODE)).isEmpty();
        download.setStatus(null);
        assertThat(DownloadSession.of(download, Downloads.NODE)).isEmpty();
    }

    @Test
    void aStatusThatIsIncompleteOrMalformedIsNoSession() {
        List<UnaryOperator<VMBackupDownloadStatusBuilder>> changes = List.of(
                status -> status.backupOf(null),
                status -> status.backupOf("payroll"),
                status -> status.backup(null),
                status -> status.backup(new RecordedBackup("monday", "monday", "ab".repeat(32))),
                status -> status.backup(
                        new RecordedBackup("monday", BackupFixture.backup(1).toString(), "../../other")),
                status -> status.location(null),
                status -> status.envelope(null),
                status -> status.expirationTime(null),
                status -> status.expirationTime("tomorrow"));
        assertThat(changes).allSatisfy(change -> assertThat(session(change)).isEmpty());
    }

    private static Optional<DownloadSession> session(UnaryOperator<VMBackupDownloadStatusBuilder> change) {
        return DownloadSession.of(Downloads.of("one", "a".repeat(64), BACKUP, change), Downloads.NODE);
    }

    @Nested
    class Expiry extends JumpingClocksContract {
        @Override
        protected Duration pause() {
            return Duration.ofHours(1);
        }

        @Override
        protected boolean waits(Instant since, Instant now) {
            VMBackupDownload download = Downloads.of(
                    "one",
                    "a".repeat(64),
                    BACKUP,
                    status -> status.expirationTime(since.plus(pause()).toString()));
            download.getMetadata().setCreationTimestamp(since.toString());
            return !DownloadSession.of(download, Downloads.NODE).orElseThrow().isExpiredAt(now);
        }
    }
}
