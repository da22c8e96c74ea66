package io.trustedlaunch.cli.plugin.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupSpec;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatusBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackupLineTest {
    private static final String REQUEST = "2026-01-01T00:00:00Z";

    private static VMBackup verified(String status, VMBackupStatusBuilder known) {
        VMBackup backup = new VMBackup();
        backup.getMetadata().setAnnotations(Map.of(Api.VERIFY_BACKUP, REQUEST));
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("nas"), BackupMode.Auto));
        backup.setStatus(known.conditions(List.of(new ConditionBuilder()
                        .withType("Verified")
                        .withStatus(status)
                        .withMessage("because")
                        .build()))
                .build());
        return backup;
    }

    @Test
    void whatIsDamagedIsNotVerifiedAndTheLastResultIsNotThatOfThisTime() {
        VMBackupStatusBuilder ended = VMBackupStatusBuilder.builder()
                .verification(new VMBackupStatus.Verification(REQUEST, REQUEST, REQUEST));
        assertThat(BackupLine.verification(verified("True", ended)).line()).isEqualTo("verified (because)");
        assertThat(BackupLine.verification(verified("False", ended)).line()).isEqualTo("damaged (because)");
        assertThat(BackupLine.verification(verified("True", VMBackupStatusBuilder.builder()))
                        .line())
                .isEqualTo("verifying");
        assertThat(BackupLine.verification(verified("False", VMBackupStatusBuilder.builder()))
                        .line())
                .isEqualTo("verifying");
        assertThat(BackupLine.verification(verified("Unknown", VMBackupStatusBuilder.builder()))
                        .line())
                .isEqualTo("verifying (because)");
    }

    @Test
    void nobodyWaitsForFilesThatTheLocationKeeps() {
        VMBackup backup = verified("True", VMBackupStatusBuilder.builder());
        assertThat(BackupLine.removal(backup).state()).isEqualTo(Progress.State.Ongoing);
        backup.setStatus(VMBackupStatusBuilder.builder()
                .conditions(List.of(new ConditionBuilder()
                        .withType("Removed")
                        .withStatus("False")
                        .withReason("MinimumRetention")
                        .withMessage("until 2026-01-31")
                        .build()))
                .build());
        assertThat(BackupLine.removal(backup).line()).isEqualTo("not removed yet (until 2026-01-31)");
        assertThat(BackupLine.removal(backup).state()).isEqualTo(Progress.State.Failed);
    }

    @Test
    void howOftenABackupIsAttemptedIsSaidWhenItIsCreated() {
        VMBackup backup = verified("True", VMBackupStatusBuilder.builder());
        assertThat(BackupLine.attempts(backup)).contains("one attempt", "--start-within");
        backup.setSpec(new VMBackupSpec(new ObjectRef("payroll"), new ObjectRef("nas"), null, null, "2h"));
        assertThat(BackupLine.attempts(backup)).isEqualTo("attempts may begin within 2h");
    }

    @Test
    void aVerificationHasABarUntilItHasEnded() {
        Progress ongoing = BackupLine.verification(
                verified("Unknown", VMBackupStatusBuilder.builder().verifiedPercent(50)));
        assertThat(ongoing.state()).isEqualTo(Progress.State.Ongoing);
        assertThat(ongoing.percent()).hasValue(50);

        VMBackupStatusBuilder ended = VMBackupStatusBuilder.builder()
                .verification(new VMBackupStatus.Verification(REQUEST, REQUEST, REQUEST));
        assertThat(BackupLine.verification(verified("True", ended)).state()).isEqualTo(Progress.State.Done);
        assertThat(BackupLine.verification(verified("False", ended)).state()).isEqualTo(Progress.State.Failed);
        assertThat(BackupLine.verification(verified("True", ended)).percent()).isEmpty();
    }
}
