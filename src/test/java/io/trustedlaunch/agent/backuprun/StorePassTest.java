package io.trustedlaunch.agent.backuprun;

import static io.trustedlaunch.agent.backuprun.BackupWorld.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.BackupAction;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.BackupRunSpec;
import io.trustedlaunch.api.BackupRunStatus;
import io.trustedlaunch.api.BackupRunStatus.Phase;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Removal and verification, on real folders. */
class StorePassTest {
    @TempDir
    private Path root;

    private BackupWorld world;
    private BackupRun first;
    private BackupRun second;

    private static final class Died extends Error {
        private static final long serialVersionUID = 1L;
    }

    @BeforeEach
    void makeAFullBackupAndOneOfTheChanges() throws IOException {
        world = new BackupWorld(root);
        first = world.request(UnaryOperator.identity());
        world.pass();
        world.guestWrites();
        world.now = world.now.plusSeconds(60);
        second = world.request(UnaryOperator.identity());
        world.pass();
        assertThat(world.status(second).result().parentUID())
                .isEqualTo(first.getMetadata().getUid());
        world.written.clear();
    }

    @AfterEach
    void end() {
        world.close();
    }

    @Test
    void aBackupIsRemovedAndTheOthersStay() throws IOException {
        BackupRun removal = request(BackupAction.Remove, second);
        world.storePass();
        assertThat(world.status(removal).phase()).isEqualTo(Phase.Completed);
        assertThat(place(second)).doesNotExist();
        assertThat(world.findings(first)).isEmpty();
        assertThat(world.written).extracting(BackupRunStatus::phase).containsExactly(Phase.Running, Phase.Completed);
    }

    /** What has an index counts as whole. */
    @ParameterizedTest
    @EnumSource(names = {"REMOVAL_INDEX_REMOVED", "REMOVAL_FILES_REMOVED"})
    void aRemovalThatDiesIsRepeatedToTheSameEnd(Failpoint death) {
        world.at = point -> {
            if (point == death) {
                assertThat(place(second).resolve("index.json")).doesNotExist();
                throw new Died();
            }
        };
        BackupRun removal = request(BackupAction.Remove, second);
        assertThatThrownBy(world::storePass).isInstanceOf(Died.class);
        assertThat(world.status(removal).phase()).isEqualTo(Phase.Running);

        world.at = point -> {};
        world.startAgent();
        world.storePass();
        assertThat(world.status(removal).phase()).isEqualTo(Phase.Completed);
        assertThat(place(second)).doesNotExist();
        assertThat(place(first)).exists();
    }

    @Test
    void nothingIsRemovedWhereSomethingElseLies() throws IOException {
        Files.createFile(place(second).resolve("notes"));
        BackupRun removal = request(BackupAction.Remove, second);
        world.storePass();
        assertFailed(removal, Reason.BackupLocationUnavailable, "remove what does not belong there");
        assertThat(place(second).resolve("disk-root.qcow2")).exists();
    }

    @Test
    void noLinkIsFollowed() throws IOException {
        Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
        Files.createFile(elsewhere.resolve("guest-state"));
        Path moved = root.resolve("moved");
        Files.move(place(second), moved);
        Files.createSymbolicLink(place(second), elsewhere);
        BackupRun removal = request(BackupAction.Remove, second);
        world.storePass();
        assertFailed(removal, Reason.BackupLocationUnavailable, "is a link");
        assertThat(elsewhere.resolve("guest-state")).exists();
    }

    /** A file system that is not mounted leaves an empty folder: what is in it would otherwise be forgotten. */
    @ParameterizedTest
    @EnumSource(
            value = BackupAction.class,
            names = {"Remove", "Verify"})
    void aLocationThatIsAwayIsNoEmptyOne(BackupAction action) throws IOException {
        Path away = root.resolve("away");
        Files.move(world.location, away);
        BackupRun gone = request(action, second);
        world.storePass();
        assertFailed(gone, Reason.BackupLocationUnavailable, "mounted");
        Files.createDirectory(world.location);
        BackupRun empty = request(action, second);
        world.storePass();
        assertFailed(empty, Reason.BackupLocationUnavailable, "mounted");

        Files.delete(world.location);
        Files.move(away, world.location);
        BackupRun again = request(action, second);
        world.storePass();
        assertThat(world.status(again).phase()).isEqualTo(Phase.Completed);
    }

    @Test
    void aBackupIsVerifiedWithAllThatItFollowsFrom() throws IOException {
        BackupRun whole = request(BackupAction.Verify, second);
        world.storePass();
        assertThat(world.status(whole).phase()).isEqualTo(Phase.Completed);

        Path disk = place(first).resolve("disk-root.qcow2");
        byte[] bytes = Files.readAllBytes(disk);
        bytes[3] ^= 1;
        Files.write(disk, bytes);
        BackupRun altered = request(BackupAction.Verify, second);
        world.storePass();
        assertFailed(
                altered,
                Reason.BackupDamaged,
                "disk-root.qcow2 of backup " + first.getMetadata().getUid() + " of VM " + VM + " was altered in GiB 0");
    }

    @Test
    void aBackupWhoseIndexIsAnotherIsDamaged() throws IOException {
        Files.copy(
                place(first).resolve("index.json"),
                place(second).resolve("index.json"),
                StandardCopyOption.REPLACE_EXISTING);
        BackupRun verification = request(BackupAction.Verify, second);
        world.storePass();
        assertFailed(verification, Reason.BackupDamaged, "cannot be used");
    }

    @Test
    void whatIsDamagedOnRecordIsNoBase() {
        world.damaged.add(second.getMetadata().getUid());
        assertThat(world.backUp(UnaryOperator.identity()).result().fullReason()).isEqualTo("ChainBroken");
    }

    @Test
    void aRunThatIsNotWantedAnyMoreIsNotReported() {
        BackupRun verification = request(BackupAction.Verify, second);
        verification.getMetadata().setDeletionTimestamp(world.now.toString());
        world.storePass();
        assertThat(world.status(verification)).isNull();
    }

    @Test
    void runsThatMakeBackupsAreLeftToTheirPass() {
        BackupRun backup = world.request(UnaryOperator.identity());
        world.storePass();
        assertThat(world.status(backup)).isNull();
    }

    @Test
    void anEndThatTheServerDidNotTakeIsReportedLater() {
        BackupRun removal = request(BackupAction.Remove, second);
        world.serverDown = true;
        assertThat(world.storePass()).isPresent();
        world.serverDown = false;
        world.storePass();
        assertThat(world.status(removal).phase()).isEqualTo(Phase.Completed);
    }

    private BackupRun request(BackupAction action, BackupRun of) {
        return world.request(spec -> spec.action(action)
                .epoch(null)
                .completed(List.of())
                .target(new BackupRunSpec.Completed(
                        of.getMetadata().getUid(),
                        null,
                        world.status(of).result().indexSHA256(),
                        world.status(of).result().time())));
    }

    private Path place(BackupRun run) {
        return world.location.resolve(VM.toString()).resolve(run.getMetadata().getUid());
    }

    private void assertFailed(BackupRun run, Reason reason, String message) {
        BackupRunStatus status = world.status(run);
        assertThat(status.phase()).isEqualTo(Phase.Failed);
        assertThat(status.reason()).isEqualTo(reason.name());
        assertThat(status.message()).contains(message);
    }
}
