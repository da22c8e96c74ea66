package io.trustedlaunch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.RunStrategy;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.testkit.Lab.CommandResult;
import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** VMs that are saved, and come back from their backups: in place, after a deletion with the key, on another host. */
class BackupRestoreE2E {
    private static final String PAYROLL = "payroll";

    /** Nobody has a key but the operator, whose backup key opens what is on record of the backup. */
    @Test
    void aVmThatWasDeletedWithItsKeyComesBackFromItsBackup() throws Exception {
        try (Stage stage = Stage.open("backup")) {
            stage.create(stage.vm(PAYROLL));
            TrustedLaunchVM first = stage.awaitRunning(PAYROLL);
            String uid = first.identity();
            stage.awaitBoots(uid, 1);
            Backups backups = Backups.of(stage, PAYROLL);

            write(stage, uid, PAYROLL, "first");
            VMBackupStatus full = backups.make("monday");
            write(stage, uid, PAYROLL, "second");
            VMBackupStatus changes = backups.make("tuesday");
            write(stage, uid, PAYROLL, "third");

            assertThat(full.result().type()).isEqualTo(BackupResult.Type.Full);
            assertThat(changes.result().type())
                    .as("full because: " + changes.result().fullReason())
                    .isEqualTo(BackupResult.Type.Incremental);
            assertThat(changes.result().baseUID()).isEqualTo(full.backupUID());
            backups.assertWhole(full);
            backups.assertWhole(changes);
            assertThat(stage.client
                            .resources(BackupRun.class)
                            .inAnyNamespace()
                            .list()
                            .getItems())
                    .isEmpty();

            assertThat(backups.folder()
                            .resolve(changes.vmUID())
                            .resolve(changes.backupUID())
                            .resolve(BackupFileName.CLUSTER_ESCROW))
                    .isNotEmptyFile();

            stage.delete(PAYROLL);
            stage.awaitGone(PAYROLL, uid);
            assertThat(stage.folderOf(uid)).doesNotExist();
            assertThat(stage.keySecret(uid)).isEmpty();
            stage.create(stage.vm(PAYROLL).restoring(uid).revertedTo("tuesday", userName(stage)));

            TrustedLaunchVM again = stage.awaitRunning(PAYROLL);
            assertThat(again.identity()).isEqualTo(uid);
            assertThat(again.getStatus().vTPM().ekDigest())
                    .isEqualTo(first.getStatus().vTPM().ekDigest());
            assertThat(again.getStatus().epoch()).isGreaterThan(1000);
            assertThat(again.getStatus().guestState().approval().backup()).isEqualTo("tuesday");
            stage.awaitBoots(uid, 2);
            assertThat(stage.consoleSince(uid, 2))
                    .as("disk and TPM are of the second backup's instant")
                    .contains("PROOF nv=second", "PROOF note=second")
                    .contains("PROOF ek=000b" + first.getStatus().vTPM().ekDigest());
        }
    }

    /** Its disks were on one host alone, which a person says is off. */
    @Test
    @Tag("campaign")
    void aVmWhoseHostIsDeadComesBackOnAnother() throws Exception {
        try (Stage stage = Stage.open("restore-elsewhere")) {
            String secret = UUID.randomUUID().toString();
            String written = UUID.randomUUID().toString();
            stage.commands("init", "nv-write " + secret, "data-read", "data-write " + written);
            stage.create(stage.vm(PAYROLL)
                    .location(Stage.LOCAL_LOCATION)
                    .dataDisk("data", "64Mi")
                    .userData("init"));
            TrustedLaunchVM first = stage.awaitRunning(PAYROLL);
            String uid = first.identity();
            String dead = first.getStatus().nodeName();
            String living = stage.lab.otherHost(dead);
            stage.awaitConsoleOn(dead, uid, console -> console.contains("PROOF data-written=" + written));
            Backups backups = Backups.of(stage, PAYROLL);
            backups.make("monday");
            stage.lab.run("host", dead, "crash").orFail();
            try {
                stage.setRunStrategy(PAYROLL, RunStrategy.Halted);
                new NodeStatements(stage).state(dead);
                // Nothing but a person's word says so: the two hosts share no storage.
                String boot = stage.client
                        .resources(ClusterNode.class)
                        .withName(dead)
                        .get()
                        .getStatus()
                        .answer()
                        .bootID();
                stage.lab
                        .kubectl(
                                "annotate",
                                "trustedlaunchvm",
                                PAYROLL,
                                "-n",
                                stage.namespace,
                                Api.ACCEPTED_FENCE + "=" + NodeFence.nameOf(dead, boot))
                        .orFail();
                backups.restore("monday").orFail();
                stage.setRunStrategy(PAYROLL, RunStrategy.Always);

                TrustedLaunchVM again = stage.awaitRunning(PAYROLL);
                assertThat(again.getStatus().nodeName()).isEqualTo(living);
                assertThat(again.getStatus().vTPM()).isEqualTo(first.getStatus().vTPM());
                stage.awaitConsoleOn(living, uid, console -> console.contains("PROOF nv=" + secret));
                stage.awaitConsoleOn(living, uid, console -> console.contains("PROOF data=" + written));
            } finally {
                stage.lab.run("host", dead, "start").orFail();
            }
            await("what was left on " + dead + " to be given up")
                    .atMost(Stage.TIMEOUT)
                    .until(() -> stage.incarnations(uid).size() == 1);
            assertThat(stage.lab.hostsWithDomain(uid)).containsExactly(living);
        }
    }

    /** The backup that it goes back to was made while it was off; it goes back once while it is there, and once after its deletion. */
    @Test
    @Tag("campaign")
    void aVmGoesBackToItsBackupWithItsTpm() throws Exception {
        try (Stage stage = Stage.open("restore")) {
            stage.create(stage.vm(PAYROLL).retained());
            TrustedLaunchVM first = stage.awaitRunning(PAYROLL);
            String uid = first.identity();
            stage.awaitBoots(uid, 1);
            Backups backups = Backups.of(stage, PAYROLL);
            VMBackupStatus monday = backups.make("monday");
            assertThat(monday.result().quiesced())
                    .as("the guest has not started its agent")
                    .isFalse();
            write(stage, uid, PAYROLL, "first");
            VMBackupStatus tuesday = saveWhileOffAndAgain(stage, backups, uid, monday);

            Backups.alter(backups.folder(), tuesday);
            CommandResult refused = backups.restore("tuesday");
            assertThat(refused.exitCode()).as(refused.toString()).isNotZero();
            assertThat(refused.toString()).contains("BackupDamaged", Backups.PACK);
            backups.restore("off").orFail();
            stage.setRunStrategy(PAYROLL, RunStrategy.Always);

            TrustedLaunchVM again = stage.awaitRunning(PAYROLL);
            assertIsAsSaved(stage, again, 3, first);
            assertThat(stage.folderOf(uid)
                            .resolve("replaced-by-restore-"
                                    + again.getStatus().restore().uid()))
                    .isDirectoryContaining("glob:**os.qcow2");
            assertThat(stage.client
                            .resources(RestoreRun.class)
                            .inAnyNamespace()
                            .list()
                            .getItems())
                    .isEmpty();

            comesBackAfterItsDeletion(stage, again);
        }
    }

    /** What the OS disk and the TPM have from after the backup stays. */
    @Test
    @Tag("campaign")
    void aDataDiskAloneGoesBack() throws Exception {
        try (Stage stage = Stage.open("restore-disk")) {
            stage.commands("init", "data-read");
            stage.create(stage.vm(PAYROLL).dataDisk("data", "64Mi").userData("init"));
            TrustedLaunchVM first = stage.awaitRunning(PAYROLL);
            String uid = first.identity();
            stage.awaitBoots(uid, 1);
            Backups backups = Backups.of(stage, PAYROLL);
            write(stage, uid, PAYROLL, "first");
            type(stage, uid, "data-write saved", "data-written=saved");
            backups.make("monday");
            write(stage, uid, PAYROLL, "second");
            type(stage, uid, "data-write lost", "data-written=lost");
            stage.setRunStrategy(PAYROLL, RunStrategy.Halted);
            stage.awaitHalted(PAYROLL);

            CommandResult refused = backups.restore("monday", "other");
            assertThat(refused.exitCode()).as(refused.toString()).isNotZero();
            assertThat(refused.toString()).contains("BackupNotUsable", "other");
            backups.restore("monday", "data").orFail();
            stage.setRunStrategy(PAYROLL, RunStrategy.Always);

            TrustedLaunchVM again = stage.awaitRunning(PAYROLL);
            stage.awaitBoots(uid, 2);
            stage.awaitConsole(uid, console -> console.contains("PROOF data=saved"), "data=saved");
            assertThat(stage.consoleSince(uid, 2)).contains("PROOF nv=second", "PROOF note=second");
            assertThat(again.getStatus().vTPM()).isEqualTo(first.getStatus().vTPM());
            assertThat(again.getStatus().restore().disks()).containsExactly("data");
            assertThat(stage.folderOf(uid)
                            .resolve("replaced-by-restore-"
                                    + again.getStatus().restore().uid()))
                    .as("the OS disk stays in its place")
                    .isDirectoryNotContaining("glob:**os.qcow2")
                    .isNotEmptyDirectory();
        }
    }

    private static void type(Stage stage, String uid, String command, String proof) throws IOException {
        try (ConsoleUser user = new ConsoleUser(stage, PAYROLL)) {
            user.awaitScreen("connected to the console on node");
            user.type(command + "\r");
            stage.awaitConsole(uid, console -> console.contains("PROOF " + proof), proof);
        }
    }

    /** Returns the backup that was made after the VM has run again; the VM is off then. */
    private static VMBackupStatus saveWhileOffAndAgain(Stage stage, Backups backups, String uid, VMBackupStatus before)
            throws IOException {
        stage.setRunStrategy(PAYROLL, RunStrategy.Halted);
        stage.awaitHalted(PAYROLL);
        VMBackupStatus off = backups.make("off");
        assertThat(off.result().fullReason()).isEqualTo("VMStopped");
        backups.assertWhole(off);

        stage.setRunStrategy(PAYROLL, RunStrategy.Always);
        stage.awaitRunning(PAYROLL);
        stage.awaitBoots(uid, 2);
        write(stage, uid, PAYROLL, "second");
        VMBackupStatus tuesday = backups.make("tuesday");
        assertThat(tuesday.result().baseUID())
                .as("the record of changes since then is still in the disk")
                .isEqualTo(before.backupUID());
        backups.assertWhole(tuesday);
        stage.setRunStrategy(PAYROLL, RunStrategy.Halted);
        stage.awaitHalted(PAYROLL);
        return tuesday;
    }

    private static void assertIsAsSaved(Stage stage, TrustedLaunchVM vm, int boot, TrustedLaunchVM first) {
        stage.awaitBoots(vm.identity(), boot);
        assertThat(stage.consoleSince(vm.identity(), boot))
                .as("disk and TPM are of the backup's instant")
                .contains("PROOF nv=first", "PROOF note=first")
                .contains("PROOF ek=000b" + first.getStatus().vTPM().ekDigest());
        assertThat(vm.getStatus().vTPM()).isEqualTo(first.getStatus().vTPM());
        assertThat(vm.getStatus().guestState().approval().backup()).isEqualTo("off");
    }

    /** It was deleted with deletionPolicy Retain, and somebody has removed its folder. */
    private static void comesBackAfterItsDeletion(Stage stage, TrustedLaunchVM vm) throws IOException {
        String uid = vm.identity();
        write(stage, uid, PAYROLL, "fourth");
        stage.delete(PAYROLL);
        await("the VM to be gone from the API")
                .atMost(Stage.TIMEOUT)
                .until(() ->
                        stage.get(PAYROLL) == null && stage.incarnations(uid).isEmpty());
        FileTree.of(stage.folderOf(uid)).delete();
        stage.create(stage.vm(PAYROLL)
                .restoring(uid)
                .revertedTo("off", vm.getStatus().restore().approvedBy()));

        assertIsAsSaved(stage, stage.awaitRunning(PAYROLL), 4, vm);
    }

    private static String userName(Stage stage) {
        return stage.client
                .resource(new SelfSubjectReview())
                .create()
                .getStatus()
                .getUserInfo()
                .getUsername();
    }

    /** To the guest's TPM and its disk. */
    static void write(Stage stage, String uid, String vm, String word) throws IOException {
        try (ConsoleUser user = new ConsoleUser(stage, vm)) {
            user.awaitScreen("connected to the console on node");
            user.type("nv-overwrite " + word + "\rnote-write " + word + "\r");
            stage.awaitConsole(uid, console -> console.contains("PROOF nv-written=" + word), "nv-written=" + word);
            stage.awaitConsole(uid, console -> console.contains("PROOF note-written=" + word), "note-written=" + word);
        }
    }
}
