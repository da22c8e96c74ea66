package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.trustedlaunch.api.ConditionType;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.vm.RunStrategy;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * libvirtd is killed in the midst of a backup. The guest goes on, thawed, the backup ends, and the next one has what the guest
 * wrote before.
 */
@Tag("campaign")
class BackupLibvirtdE2E {
    private static final String GUEST = "guest";
    private static final String HOST = "host-a";

    /** What libvirtd answers about a job that it knows nothing of. */
    private static final String LOST = "backup job data missing";

    /**
     * Each by what libvirtd logs then. What may become of the milliseconds before is in the other test, and in {@link
     * LostDomainE2E}.
     */
    private enum Moment {
        /** The agent has no answer yet. */
        BEGUN("Releasing ownership of 'backup' async job"),
        COPIED("Started job: query (async=backup"),
        ENDED("Started job: abort (async=backup");

        final String logged;

        Moment(String logged) {
            this.logged = logged;
        }

        String word() {
            return "before-" + ordinal();
        }
    }

    @Test
    void theGuestGoesOnWhateverTheMomentAndTheNextBackupIsWhole() throws Exception {
        List<Moment> moments = List.of(Moment.values());
        try (Stage stage = Stage.open("libvirtd-dies")) {
            Backups backups = Backups.of(stage, GUEST);
            stage.commands("agent", "guest-agent");
            stage.create(stage.vm(GUEST)
                    .dataDisk("files", "64Mi")
                    .userData("agent")
                    .shortGracePeriod()
                    .onNodesWith("kubernetes.io/hostname", HOST));
            String uid = stage.awaitRunning(GUEST).identity();
            stage.awaitBoots(uid, 1);
            // Consoles end with libvirtd, and what is typed then is lost.
            type(stage, uid, "files-make", "files=made");
            backups.make("full");
            for (Moment moment : moments) {
                type(stage, uid, "file-keep " + moment.word(), "file-kept=" + moment.word());
                backUpWhileLibvirtdDies(stage, backups, moment);
                assertThat(job(stage, uid)).as(moment.name()).doesNotContain("Backup", LOST);
                // One whose file systems are frozen does not.
                type(stage, uid, "file-write after-" + moment.ordinal(), "file-written=after-" + moment.ordinal());
                VMBackupStatus next = backups.make("next-" + moment.ordinal());
                assertThat(ConditionType.Quiesced.in(next.conditions()).orElseThrow())
                        .returns("True", Condition::getStatus);
            }
            stage.setRunStrategy(GUEST, RunStrategy.Halted);
            stage.awaitHalted(GUEST);
            backups.restore("next-" + moments.getLast().ordinal()).orFail();
            stage.setRunStrategy(GUEST, RunStrategy.Always);
            stage.awaitRunning(GUEST);
            stage.awaitBoots(uid, 2);
            type(
                    stage,
                    uid,
                    "files-kept",
                    moments.stream().map(Moment::word).collect(Collectors.joining(" ", "kept=", "")));
        }
    }

    /** libvirtd writes down that it begins a job before it writes down which. Here it has died between the two. */
    @Test
    void aJobThatIsLostIsReportedUntilTheVmIsRestarted() throws Exception {
        try (Stage stage = Stage.open("lost-job")) {
            Backups backups = Backups.of(stage, GUEST);
            stage.create(stage.vm(GUEST)
                    .dataDisk("files", "256Mi")
                    .shortGracePeriod()
                    .onNodesWith("kubernetes.io/hostname", HOST));
            String uid = stage.awaitRunning(GUEST).identity();
            // It takes longer to save than libvirtd to be killed, also on a busy machine.
            backups.limit("8Mi");
            stage.writeToDataDisk(HOST, uid, "write -P 7 0 128M");

            VMBackup begun;
            try {
                Process killer = stage.lab.when(HOST, Moment.BEGUN.logged, "libvirtd", HOST, "kill");
                begun = backups.create("lost");
                awaitEnd(killer);
                stage.lab.exec(
                        HOST,
                        "sed",
                        "-i",
                        "/<backups>/,/<\\/backups>/d; /<blockjobs [^>]*[^/]>/,/<\\/blockjobs>/d",
                        "/run/libvirt/qemu/" + uid + ".xml");
            } finally {
                // Other tests follow on this host.
                stage.lab.run("libvirtd", HOST, "start").orFail();
            }

            assertThat(job(stage, uid)).contains(LOST);
            assertThat(qemuJobs(stage, uid)).as("QEMU goes on with it").contains("running");
            assertThat(backups.awaitEnd(begun).phase()).isEqualTo(VMBackupStatus.Phase.Failed);
            assertThat(qemuJobs(stage, uid)).as("its scratch files would grow").doesNotContain("backup");
            awaitLost(stage);
            assertThat(Stage.condition(stage.get(GUEST), ConditionType.Running).map(Condition::getStatus))
                    .contains("True");
            stage.awaitReason(GUEST, ConditionType.Migratable, Reason.BackupJobLost);
            assertThat(backups.awaitEnd(backups.create("vain")).conditions())
                    .extracting(Condition::getReason)
                    .contains(Reason.BackupJobLost.name());

            stage.restart(GUEST);

            backups.make("whole");
        }
    }

    private static void awaitLost(Stage stage) {
        stage.awaitNotReady(GUEST, Reason.BackupJobLost, "kubectl tlvm restart " + GUEST + " -n " + stage.namespace);
    }

    private static String job(Stage stage, String uid) {
        return stage.lab.exec(HOST, "sh", "-c", "virsh domjobinfo " + uid + " 2>&1 | tr -s ' ' || true");
    }

    private static String qemuJobs(Stage stage, String uid) {
        return stage.lab.exec(HOST, "virsh", "qemu-monitor-command", uid, "{\"execute\": \"query-jobs\"}");
    }

    private static void type(Stage stage, String uid, String command, String result) throws IOException {
        try (ConsoleUser user = new ConsoleUser(stage, GUEST)) {
            new GuestPrompt(stage, uid, user).does(command, result);
        }
    }

    private static void backUpWhileLibvirtdDies(Stage stage, Backups backups, Moment moment)
            throws InterruptedException {
        Process killer = stage.lab.when(HOST, moment.logged, "libvirtd", HOST, "kill", "--for", "3");
        VMBackupStatus ended = backups.awaitEnd(backups.create("killed-" + moment.ordinal()));
        System.out.printf("libvirtd killed when %s: %s %s%n", moment, ended.phase(), ended.conditions());
        awaitEnd(killer);
    }

    private static void awaitEnd(Process command) throws InterruptedException {
        assertThat(command.waitFor(Stage.TIMEOUT.toMinutes(), TimeUnit.MINUTES))
                .as("the moment came")
                .isTrue();
        assertThat(command.exitValue()).isZero();
    }
}
