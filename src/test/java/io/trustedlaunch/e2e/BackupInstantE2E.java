package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.RunStrategy;
import java.io.IOException;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Disks and TPM of a backup are of one instant, while the guest counts on both as fast as it can: {@code bin/campaign
 * BackupInstantE2E -- -Dbackup.rounds=50}.
 */
@Tag("campaign")
class BackupInstantE2E {
    private static final String GUEST = "guest";
    private static final int ROUNDS = Integer.getInteger("backup.rounds", 50);
    private static final Pattern FROM = Pattern.compile("PROOF lockstep-from=(\\d+)");
    private static final Pattern COUNTS = Pattern.compile("PROOF lockstep=disk:(\\d*),tpm:(\\d+)");

    @Test
    void aRestoredGuestHasCountedAsOftenOnItsDiskAsInItsTpm() throws Exception {
        try (Stage stage = Stage.open("instant")) {
            Backups backups = Backups.of(stage, GUEST);
            stage.create(stage.vm(GUEST).dataDisk("counts", "64Mi").shortGracePeriod());
            String uid = stage.awaitRunning(GUEST).identity();
            stage.awaitBoots(uid, 1);
            long from = count(stage, uid, 1);
            for (int round = 1; round <= ROUNDS; round++) {
                int boot = round + 1;
                backups.make("full-" + round);
                VMBackupStatus backup = backups.make("changes-" + round);
                stage.setRunStrategy(GUEST, RunStrategy.Halted);
                stage.awaitHalted(GUEST);
                backups.restore("changes-" + round).orFail();
                stage.setRunStrategy(GUEST, RunStrategy.Always);
                stage.awaitRunning(GUEST);
                stage.awaitBoots(uid, boot);
                stage.awaitConsole(uid, console -> shown(stage, uid, boot, COUNTS) != null, "both counts");
                MatchResult counts = shown(stage, uid, boot, COUNTS);
                long disk = Long.parseLong(counts.group(1));
                long tpm = Long.parseLong(counts.group(2));
                System.out.printf(
                        "INSTANT round %d: disk %d, TPM %d, %d counts since it began, paused %s ms%n",
                        round, disk, tpm, tpm - from, backup.result().pauseMilliseconds());
                // It counts on the disk first.
                assertThat(disk - tpm).as("round " + round).isBetween(0L, 1L);
                assertThat(tpm).as("it has counted").isGreaterThan(from);
                from = count(stage, uid, boot);
            }
        }
    }

    /** Lets the guest count, and returns from where. */
    private static long count(Stage stage, String uid, int boot) throws IOException {
        try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
            user.awaitScreen("connected to the console on node");
            user.type("lockstep\r");
            stage.awaitConsole(uid, console -> shown(stage, uid, boot, FROM) != null, "where it counts from");
        }
        return Long.parseLong(shown(stage, uid, boot, FROM).group(1));
    }

    private static MatchResult shown(Stage stage, String uid, int boot, Pattern pattern) {
        String[] boots = stage.console(uid).split("PROOF boot=", -1);
        return boots.length <= boot
                ? null
                : pattern.matcher(boots[boot]).results().findFirst().orElse(null);
    }
}
