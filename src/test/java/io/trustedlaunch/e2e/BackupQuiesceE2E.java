package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.Quiesce;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.RunStrategy;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real qemu-guest-agent freezes the guest's file systems for a backup, does not answer, and answers again. */
@Tag("campaign")
class BackupQuiesceE2E {
    private static final String GUEST = "guest";

    @Test
    void aFileThatTheGuestHasOnlyInMemoryIsInTheBackup() throws IOException {
        try (Stage stage = Stage.open("quiesce")) {
            stage.create(stage.vm(GUEST).dataDisk("files", "64Mi").shortGracePeriod());
            String uid = stage.awaitRunning(GUEST).identity();
            stage.awaitBoots(uid, 1);
            Backups backups = Backups.of(stage, GUEST);
            try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
                GuestPrompt guest = new GuestPrompt(stage, uid, user);
                assertNotQuiesced(backups.make("without-agent"), Reason.NoGuestAgent);
                guest.does("guest-agent", "guest-agent=started");
                guest.does("files-make", "files=made");
                guest.writesFile("unsynced");

                assertQuiesced(backups.make("frozen"));
                guest.writesFile("thawed");

                assertThat(quiesced(backups.make("not-asked", BackupMode.Auto, Quiesce.Never)))
                        .isEmpty();

                guest.does("guest-agent stop", "guest-agent=stopped");
                assertNotQuiesced(backups.make("mute"), Reason.FreezeTimedOut);
                guest.writesFile("while-mute");
                guest.does("guest-agent continue", "guest-agent=continued");
                guest.writesFile("afterwards");
                assertQuiesced(backups.make("frozen-again"));
                guest.writesFile("at-last");
            }

            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            backups.restore("frozen").orFail();
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            stage.awaitRunning(GUEST);
            stage.awaitBoots(uid, 2);
            try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
                new GuestPrompt(stage, uid, user).does("file-read", "file=unsynced");
            }
        }
    }

    private static Optional<Condition> quiesced(VMBackupStatus backup) {
        return ConditionType.Quiesced.in(backup.conditions());
    }

    private static void assertQuiesced(VMBackupStatus backup) {
        assertThat(quiesced(backup).orElseThrow())
                .returns("True", Condition::getStatus)
                .returns(Reason.Quiesced.name(), Condition::getReason);
    }

    private static void assertNotQuiesced(VMBackupStatus backup, Reason reason) {
        assertThat(quiesced(backup).orElseThrow())
                .returns("False", Condition::getStatus)
                .returns(reason.name(), Condition::getReason);
    }
}
