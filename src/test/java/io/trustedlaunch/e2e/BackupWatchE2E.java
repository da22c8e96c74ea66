package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.LabOrder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * An agent dies in the instant of a backup, and none comes back: a process on the host resumes the guest, thaws it, and ends
 * the job, so that it does not fill the storage location.
 */
@LabOrder(LabOrder.Place.FIRST)
class BackupWatchE2E {
    private static final String GUEST = "guest";
    private static final String HOST = "host-a";
    private static final String AGENT = "agent-" + HOST;
    private static final String RECORDS = "/var/lib/trusted-launch/agent/backups";
    private static final String STAYS_DOWN = "/run/lab-agent-stays-down";
    private static final Pattern WRITTEN = Pattern.compile("PROOF file-written=(\\d+)");

    private interface Action {
        void run();
    }

    @Test
    void aGuestThatADeadAgentHasFrozenAndPausedGoesOn() throws IOException {
        try (Stage stage = Stage.open("watched")) {
            goesOn(
                    stage,
                    () -> stage.lab.run("agent", HOST, "unsupervise").orFail(),
                    () -> stage.lab.run("agent", HOST, "start").orFail());
        }
    }

    /** Which kills what an agent leaves behind with it, but not what it was asked to start itself. */
    @Test
    @Tag("campaign")
    void soItDoesOnAHostThatSystemdRuns() throws IOException {
        try (Stage stage = Stage.open("watched-systemd")) {
            stage.lab.run("host", HOST, "boot").orFail();
            try {
                goesOn(
                        stage,
                        () -> stage.lab.exec(HOST, "touch", STAYS_DOWN),
                        () -> stage.lab.exec(HOST, "sh", "-c", "rm " + STAYS_DOWN + " && systemctl start lab-agent"));
            } finally {
                stage.lab.run("host", HOST, "crash").orFail();
                stage.lab.run("host", HOST, "start").orFail();
            }
        }
    }

    private static void goesOn(Stage stage, Action keepDeadAgentDown, Action startAgent) throws IOException {
        stage.commands("files", "guest-agent", "files-make", "file-count");
        stage.create(stage.vm(GUEST)
                .dataDisk("files", "64Mi")
                .userData("files")
                .shortGracePeriod()
                .onNodesWith("kubernetes.io/hostname", HOST));
        String uid = stage.awaitRunning(GUEST).identity();
        stage.awaitBoots(uid, 1);
        keepDeadAgentDown.run();
        stage.lab.arm(AGENT, Failpoint.BACKUP_BEGUN);
        VMBackup backup = Backups.of(stage, GUEST).create("left");
        await("the death of the agent")
                .atMost(Stage.TIMEOUT)
                .until(() -> !stage.lab.isArmed(AGENT, Failpoint.BACKUP_BEGUN));
        try {
            assertThat(virsh(stage, "qemu-agent-command", uid, "{\"execute\":\"guest-fsfreeze-status\"}"))
                    .contains("frozen");
            assertThat(virsh(stage, "domjobinfo", uid)).contains("Backup");
            pauseAsTheAgentMayHave(stage, uid);
            int written = written(stage, uid);

            await("the end of the job")
                    .atMost(Stage.TIMEOUT)
                    .until(() -> !virsh(stage, "domjobinfo", uid).contains("Backup"));
            // One of them may have been on its way.
            await("the guest to write").atMost(Stage.TIMEOUT).until(() -> written(stage, uid) > written + 2);
            assertThat(stage.lab.hostsRunning(uid)).containsExactly(HOST);
            assertThat(stage.client.resource(backup).get().getStatus().phase())
                    .as("no agent has reported anything")
                    .isEqualTo(VMBackupStatus.Phase.Running);
        } finally {
            startAgent.run();
        }
        await("the end of the backup")
                .atMost(Stage.TIMEOUT)
                .until(() -> stage.client.resource(backup).get().getStatus().phase() == VMBackupStatus.Phase.Failed);
        stage.delete(GUEST);
        stage.awaitGone(GUEST, uid);
    }

    /** As if it had died a moment later; the watch still gives the next agent its time. */
    private static void pauseAsTheAgentMayHave(Stage stage, String uid) {
        stage.lab.exec(HOST, "sh", "-c", "sed -i 's/\"pausing\":false/\"pausing\":true/' " + RECORDS + "/*.json");
        virsh(stage, "suspend", uid);
    }

    private static int written(Stage stage, String uid) {
        return WRITTEN.matcher(stage.console(uid))
                .results()
                .map(found -> Integer.parseInt(found.group(1)))
                .reduce(0, Math::max);
    }

    private static String virsh(Stage stage, String command, String uid, String... more) {
        List<String> line = new ArrayList<>(List.of("virsh", "-c", "qemu:///system", command, uid));
        line.addAll(List.of(more));
        return stage.lab.exec(HOST, line.toArray(String[]::new));
    }
}
