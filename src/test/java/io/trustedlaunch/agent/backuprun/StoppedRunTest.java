package io.trustedlaunch.agent.backuprun;

import static io.trustedlaunch.agent.backuprun.BackupWorld.EPOCH;
import static io.trustedlaunch.agent.backuprun.BackupWorld.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpecBuilder;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatusRestoreBuilder;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.gueststate.GuestStateName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs that save a VM which is off. */
class StoppedRunTest {
    @TempDir
    private Path root;

    private BackupWorld world;
    private GuestStateVersion last;

    private static final class Died extends Error {
        private static final long serialVersionUID = 1L;
    }

    @BeforeEach
    void stopTheGuest() throws IOException {
        world = new BackupWorld(root);
        world.guestWrites();
        last = world.stopGuest();
    }

    @AfterEach
    void end() {
        world.close();
    }

    @Test
    void theDisksAndTheStateThatTheGuestHasLeftAreSaved() throws IOException {
        BackupRun run = world.requestStopped(last);
        world.pass();

        BackupResult result = world.status(run).result();
        assertThat(result.type()).isEqualTo(BackupResult.Type.Full);
        assertThat(result.fullReason()).isEqualTo("FirstBackup");
        assertThat(result.guestState()).isEqualTo(last);
        assertThat(world.diskIn(run)).isEqualTo(1);
        assertThat(world.tpmIn(run)).isEqualTo("tpm 1");
        assertThat(world.findings(run)).isEmpty();
        assertThat(world.watched).as("no guest can be left paused").isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void ofAVmThatIsOffAllIsSaved() throws IOException {
        world.requestStopped(last);
        world.pass();
        BackupRun second = world.requestStopped(last);
        world.now = world.now.plusSeconds(60);
        world.pass();

        assertThat(world.status(second).result().fullReason()).isEqualTo("VMStopped");
    }

    /** Whatever begins to write to the files has put it on record before. */
    static Stream<Consumer<BackupWorld>> beginnings() {
        return Stream.of(
                world -> onRecord(world, EPOCH + 1, "host-a"),
                world -> onRecord(world, EPOCH, "host-b"),
                world -> {
                    world.onRecord(status -> status.epoch(EPOCH)
                            .nodeName("host-a")
                            .restore(restore().build()));
                },
                world -> {
                    // It began and ended while the disks were read.
                    world.onRecord(status -> status.epoch(EPOCH)
                            .nodeName("host-a")
                            .restore(restore().outcome(RestoreOutcome.Completed).build()));
                },
                world -> {
                    world.owner = new Ownership.Absent();
                },
                world -> {
                    world.vm.getMetadata().setDeletionTimestamp("2026-03-01T12:00:00Z");
                },
                world -> {
                    world.vm.getMetadata().setUid("00000000-0000-4000-8000-00000000000f");
                },
                world -> {
                    world.change(spec -> spec.epoch(EPOCH + 1));
                },
                world -> {
                    world.change(spec -> spec.desiredState(DesiredState.Erased));
                });
    }

    private static void onRecord(BackupWorld world, long epoch, String node) {
        world.onRecord(status -> status.epoch(epoch).nodeName(node));
    }

    private static TrustedLaunchVMStatusRestoreBuilder restore() {
        return TrustedLaunchVMStatusRestoreBuilder.builder()
                .uid("00000000-0000-4000-8000-000000000001")
                .backup(new RecordedBackup("monday", "00000000-0000-4000-8000-000000000002", "ab".repeat(32)))
                .afterEpoch(EPOCH);
    }

    @ParameterizedTest
    @MethodSource("beginnings")
    void whatWasReadWhileTheVmBeganToStartIsNotUsed(Consumer<BackupWorld> begin) throws IOException {
        world.disks.whileReading = () -> begin.accept(world);
        BackupRun run = world.requestStopped(last);
        world.pass();

        assertFailed(run, Reason.BackupGaveWay);
    }

    @ParameterizedTest
    @MethodSource("beginnings")
    void aVmThatBeginsToStartIsNotRead(Consumer<BackupWorld> begin) throws IOException {
        begin.accept(world);
        if (world.vm.getStatus().restore() != null
                && world.vm.getStatus().restore().outcome() != null) {
            return;
        }
        world.disks.whileReading = () -> {
            throw new AssertionError("it is read");
        };
        BackupRun run = world.requestStopped(last);
        world.pass();

        assertFailed(run, Reason.BackupGaveWay);
    }

    /** The record of the API server may be older than the files, after its data was restored. */
    @Test
    void aLaterStateInTheFolderEndsTheRun() throws IOException {
        world.disks.whileReading = () -> {
            try {
                Files.writeString(
                        world.folder.path().resolve(GuestStateName.of(new GuestStateVersion(EPOCH + 1, 1L))), "claim");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        };
        BackupRun run = world.requestStopped(last);
        world.pass();

        assertFailed(run, Reason.GuestStateMissing);
    }

    @Test
    void anOlderStateInTheFolderIsNotTaken() throws IOException {
        BackupRun run = world.requestStopped(new GuestStateVersion(EPOCH, last.generation() + 1));
        world.pass();

        assertFailed(run, Reason.GuestStateMissing);
    }

    @Test
    void withoutTheApiServerNothingCounts() throws IOException {
        world.disks.whileReading = () -> world.owner = new Ownership.Unread("connection refused");
        BackupRun run = world.requestStopped(last);
        world.pass();
        assertFailed(run, Reason.OwnershipUnread);

        world.disks.whileReading = () -> world.dataIsCurrent = false;
        world.owner = new Ownership.Found(world.vm);
        BackupRun second = world.requestStopped(last);
        world.pass();
        assertFailed(second, Reason.OwnershipUnread);
    }

    @Test
    void keysThatAreForAnotherRunOpenNothing() throws IOException {
        BackupRun run = world.requestStopped(last);
        run.setSpec(BackupRunSpecBuilder.builder(run.getSpec())
                .keys(Base64.getEncoder().encodeToString("keys".getBytes(StandardCharsets.US_ASCII)))
                .build());
        world.pass();

        assertFailed(run, Reason.EnvelopeRefused);
    }

    static Stream<Failpoint> points() {
        return Stream.of(
                Failpoint.BACKUP_RECORDED,
                Failpoint.BACKUP_STAGED,
                Failpoint.BACKUP_TAKEN,
                Failpoint.BACKUP_COPIED,
                Failpoint.BACKUP_UPLOADED,
                Failpoint.BACKUP_RESULT_RECORDED,
                Failpoint.BACKUP_COMMITTED,
                Failpoint.BACKUP_CLEARED,
                Failpoint.BACKUP_REPORTED);
    }

    @ParameterizedTest
    @MethodSource("points")
    void wheneverTheAgentDiesTheNextOneEndsTheRun(Failpoint point) throws IOException {
        BackupRun run = world.requestStopped(last);
        world.at = passed -> {
            if (passed == point) {
                throw new Died();
            }
        };
        assertThatThrownBy(world::pass).isInstanceOf(Died.class);
        world.at = passed -> {};
        world.startAgent();
        world.pass();

        assertThat(world.status(run).phase()).isEqualTo(world.isCommitted(run) ? RunPhase.Completed : RunPhase.Failed);
        assertNothingIsLeft();
    }

    private void assertFailed(BackupRun run, Reason reason) throws IOException {
        BackupRunStatus status = world.status(run);
        assertThat(status.phase()).isEqualTo(RunPhase.Failed);
        assertThat(status.reason()).describedAs(status.message()).isEqualTo(reason.name());
        assertThat(world.isCommitted(run)).isFalse();
        assertNothingIsLeft();
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(world.staged()).isEmpty();
        assertThat(world.records.all()).isEmpty();
        assertThat(world.hypervisor.find(VM)).isEmpty();
    }
}
