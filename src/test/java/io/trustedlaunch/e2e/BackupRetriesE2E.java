package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.backup.VMBackupStatus.Phase;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What ends an attempt and passes: the same VMBackup is made by a later attempt, and the guest has noticed nothing. */
@Tag("campaign")
class BackupRetriesE2E {
    private static final String GUEST = "guest";
    private static final String WINDOW = "1h";

    @Test
    void aBackupWhoseAgentDiesInTheMidstIsMadeByTheNextAgent() throws IOException {
        try (Stage stage = Stage.open("retried")) {
            Backups backups = Backups.of(stage, GUEST);
            stage.create(stage.vmInFirmware(GUEST));
            TrustedLaunchVM vm = stage.awaitRunning(GUEST);

            VMBackup backup = dieInTheMidst(stage, backups, vm);

            assertMade(stage, backups, vm, backup, 1);
        }
    }

    /** The second attempt gives way to a migration. The third one begins where the guest is then. */
    @Test
    @Tag("campaign")
    void aBackupIsMadeAlthoughItsAgentDiesAndThenItsGuestMoves() throws IOException {
        try (Stage stage = Stage.open("retried-twice")) {
            Backups backups = Backups.of(stage, GUEST);
            stage.create(stage.vmInFirmware(GUEST).dataDisk("files", "256Mi"));
            TrustedLaunchVM vm = stage.awaitRunning(GUEST);
            // It takes longer to save than the migration to begin, also on a busy machine.
            backups.limit("8Mi");
            stage.writeToDataDisk(vm.getStatus().nodeName(), vm.identity(), "write -P 7 0 128M");
            stage.awaitReason(GUEST, ConditionType.Migratable, Reason.Migratable);
            VMBackup backup = dieInTheMidst(stage, backups, vm);

            backups.awaitStatus(backup, "the second attempt", status -> status.phase() == Phase.Running);
            stage.awaitEnd(stage.migrate(GUEST, "move"));
            awaitFailure(backups, backup, 2, Reason.BackupGaveWay);

            VMBackupStatus made = assertMade(stage, backups, stage.awaitRunning(GUEST), backup, 2);
            assertThat(made.nodeName()).isNotEqualTo(vm.getStatus().nodeName());
        }
    }

    private static VMBackup dieInTheMidst(Stage stage, Backups backups, TrustedLaunchVM vm) {
        String agent = "agent-" + vm.getStatus().nodeName();
        stage.lab.arm(agent, Failpoint.BACKUP_COPIED);
        VMBackup backup = backups.create("tried", WINDOW);
        awaitFailure(backups, backup, 1, Reason.AgentRestarted);
        assertThat(stage.lab.isArmed(agent, Failpoint.BACKUP_COPIED)).isFalse();
        return backup;
    }

    private static void awaitFailure(Backups backups, VMBackup backup, int attempts, Reason reason) {
        VMBackupStatus waiting = backups.awaitStatus(
                backup,
                "failed attempt " + attempts,
                status -> status.retry() != null && status.retry().failedAttempts() == attempts);
        assertThat(waiting.retry().reason()).as(waiting.toString()).isEqualTo(reason.name());
        assertThat(waiting.completionTime()).isNull();
    }

    /** By the attempt after so many, whole, with nothing of the others beside it, of the guest that ran before. */
    private static VMBackupStatus assertMade(
            Stage stage, Backups backups, TrustedLaunchVM vm, VMBackup backup, int failed) throws IOException {
        VMBackupStatus made = backups.awaitEnd(backup);
        assertThat(made.phase()).as(made.toString()).isEqualTo(Phase.Completed);
        assertThat(made.retry().failedAttempts()).isEqualTo(failed);
        assertThat(backups.folder().resolve(vm.identity()).toFile().list()).containsExactly(made.backupUID());
        backups.assertWhole(made);
        TrustedLaunchVM now = stage.awaitRunning(GUEST);
        assertThat(now.getStatus().epoch()).isEqualTo(vm.getStatus().epoch());
        assertThat(now.getStatus().vTPM()).isEqualTo(vm.getStatus().vTPM());
        return made;
    }
}
