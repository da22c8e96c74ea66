package io.trustedlaunch.agent.backuprun;

import static io.trustedlaunch.agent.backuprun.BackupWorld.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trustedlaunch.agent.backup.DiskExport;
import io.trustedlaunch.agent.backup.DiskOpener;
import io.trustedlaunch.agent.backup.NbdDisk;
import io.trustedlaunch.agent.backup.OpenDisk;
import io.trustedlaunch.agent.backuprun.record.BackupRunRecord;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.DomainState.PauseReason;
import io.trustedlaunch.agent.hypervisor.FreezeOutcome;
import io.trustedlaunch.agent.run.FreeSpaceGuard;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupMode;
import io.trustedlaunch.api.backup.BackupResult;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.BackupRunStatusBuilder;
import io.trustedlaunch.api.backup.Quiesce;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec.DesiredState;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupRemoval;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.Bandwidth;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.StoreMarker;
import io.trustedlaunch.backup.ThrottledStore;
import io.trustedlaunch.backup.pack.DiskSource;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Incarnations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackupOrdersTest {
    @TempDir
    private Path root;

    private BackupWorld world;

    /** The death of the agent: no handler catches it. */
    private static final class Died extends Error {
        private static final long serialVersionUID = 1L;
    }

    @BeforeEach
    void startGuest() throws IOException {
        world = new BackupWorld(root);
    }

    @AfterEach
    void end() {
        world.close();
    }

    @Test
    void afterAFullBackupOnlyTheChangesAreRead() throws IOException {
        BackupRun first = world.request(UnaryOperator.identity());
        world.pass();
        world.guestWrites();
        world.now = world.now.plusSeconds(60);
        BackupRun second = world.request(UnaryOperator.identity());
        world.pass();

        BackupResult full = world.status(first).result();
        assertThat(full.type()).isEqualTo(BackupResult.Type.Full);
        assertThat(full.fullReason()).isEqualTo("FirstBackup");
        assertThat(full.pauseMilliseconds()).isZero();
        BackupResult changes = world.status(second).result();
        assertThat(changes.type()).isEqualTo(BackupResult.Type.Incremental);
        assertThat(changes.baseUID()).isEqualTo(first.getMetadata().getUid());
        assertThat(changes.changed().getNumericalAmount().longValue()).isEqualTo(64 << 10);
        assertThat(world.diskIn(first)).isEqualTo(0);
        assertThat(world.diskIn(second)).isEqualTo(1);
        assertThat(world.tpmIn(second)).isEqualTo("tpm 1");
        assertThat(world.disksIn(second).get("root")).isEqualTo(Map.of(0, 1, 1, 1));
        assertThat(world.disksIn(second).get("data-data")).isEqualTo(Map.of(1, 1));
        assertThat(world.findings(second)).isEmpty();
        assertThat(world.watched).containsExactly(BackupRunRecord.uid(first), BackupRunRecord.uid(second));
        assertThat(world.backups().checkpoints(VM))
                .containsExactly(second.getMetadata().getUid());
        assertNothingIsLeft();
    }

    /** The operator has sealed it; the node only carries it, and the index does not list it, since it can be replaced. */
    @Test
    void theClustersEscrowIsWrittenAsItIs() throws IOException {
        BackupRun run = world.request(spec -> spec.escrow("c2VhbGVk"));
        world.pass();

        Path backup =
                world.location.resolve(VM.toString()).resolve(run.getMetadata().getUid());
        assertThat(backup.resolve(BackupFileName.CLUSTER_ESCROW)).hasContent("sealed");
        assertThat(Files.readString(backup.resolve(BackupFileName.INDEX)))
                .doesNotContain(BackupFileName.CLUSTER_ESCROW);
        assertThat(world.findings(run)).isEmpty();
    }

    @Test
    void aBackupCostsFewWrites() {
        world.backUp(UnaryOperator.identity());

        assertThat(world.written)
                .extracting(BackupRunStatus::phase)
                .containsExactly(RunPhase.Running, RunPhase.Completed);
    }

    @Test
    void aFullBackupIsMadeWhereOneIsRequested() {
        world.backUp(UnaryOperator.identity());

        BackupRunStatus second = world.backUp(spec -> spec.mode(BackupMode.Full));

        assertThat(second.result().fullReason()).isEqualTo("Requested");
        assertThat(world.backups().checkpoints(VM)).hasSize(1);
    }

    @Test
    void aBackupThatWasDamagedInItsStoreIsNoBase() throws IOException {
        BackupRun first = world.request(UnaryOperator.identity());
        world.pass();
        Path index = world.location
                .resolve(VM.toString())
                .resolve(first.getMetadata().getUid())
                .resolve("index.json");
        Files.writeString(index, Files.readString(index).replaceFirst("\"bytes\":\\d", "\"bytes\":9"));

        assertThat(world.backUp(UnaryOperator.identity()).result().fullReason()).isEqualTo("BackupUnusable");
    }

    @Test
    void whatIsDamagedOnRecordIsNoBase() {
        world.backUp(UnaryOperator.identity());
        world.backUp(UnaryOperator.identity());
        world.damaged.add(world.runs.getLast().getMetadata().getUid());
        assertThat(world.backUp(UnaryOperator.identity()).result().fullReason()).isEqualTo("BackupUnusable");
    }

    @Test
    void aDiskWithoutItsBitmapIsSavedAsAWhole() {
        world.backUp(UnaryOperator.identity());
        world.backups().loseBitmaps(world.folder.osDisk());

        assertThat(world.backUp(UnaryOperator.identity()).result().fullReason()).isEqualTo("NoBitmap");
    }

    /** Sealing only after the disks' instant would save a TPM that is newer than the disk. */
    @Test
    void aGuestThatWritesItsTpmBetweenTheInstantsIsSavedAtOneInstant() throws IOException {
        AtomicInteger begun = new AtomicInteger();
        world.at = point -> {
            if (point == Failpoint.BACKUP_BEGUN && begun.getAndIncrement() == 0) {
                world.guestWrites();
            }
        };
        BackupRun run = world.request(UnaryOperator.identity());

        world.pass();

        assertThat(world.diskIn(run)).isEqualTo(1);
        assertThat(world.tpmIn(run)).isEqualTo("tpm 1");
        assertThat(begun).hasValue(2);
        assertThat(world.status(run).result().pauseMilliseconds()).isZero();
        assertNothingIsLeft();
    }

    @Test
    void onlyAGuestThatNeverStopsWritingIsPaused() throws IOException {
        AtomicInteger paused = new AtomicInteger();
        world.at = point -> {
            if (point == Failpoint.BACKUP_BEGUN) {
                if (world.guestRuns()) {
                    world.guestWrites();
                } else {
                    paused.incrementAndGet();
                    world.now = world.now.plusMillis(140);
                }
            }
        };
        BackupRun run = world.request(UnaryOperator.identity());

        world.pass();

        assertThat(paused).hasValue(1);
        assertThat(world.diskIn(run)).isEqualTo(3);
        assertThat(world.tpmIn(run)).isEqualTo("tpm 3");
        assertThat(world.status(run).result().pauseMilliseconds()).isEqualTo(140);
        assertNothingIsLeft();
    }

    @Test
    void aGuestWithAnAgentIsFrozenForTheInstantOnly() throws IOException {
        world.backups().guestAgent = FreezeOutcome.FROZEN;
        List<Boolean> frozen = new ArrayList<>();
        world.at = point -> {
            if (point == Failpoint.BACKUP_BEGUN || point == Failpoint.BACKUP_TAKEN) {
                frozen.add(world.backups().isFrozen(VM));
            }
        };

        BackupResult result =
                world.backUp(spec -> spec.quiesce(Quiesce.BestEffort)).result();

        assertThat(frozen).containsExactly(true, false);
        assertThat(result.quiesced()).isTrue();
        assertThat(result.notQuiescedReason()).isNull();
        assertNothingIsLeft();
    }

    /** The guest decides what its agent answers. */
    @ParameterizedTest
    @EnumSource(names = "FROZEN", mode = EnumSource.Mode.EXCLUDE)
    void aGuestThatIsNotFrozenIsBackedUpAllTheSame(FreezeOutcome outcome) throws IOException {
        world.backups().guestAgent = outcome;

        BackupResult result =
                world.backUp(spec -> spec.quiesce(Quiesce.BestEffort)).result();

        assertThat(result.quiesced()).isFalse();
        assertThat(result.notQuiescedReason())
                .isEqualTo(
                        switch (outcome) {
                            case NO_AGENT -> "NoGuestAgent";
                            case TIMED_OUT -> "FreezeTimedOut";
                            case FAILED -> "FreezeFailed";
                            case FROZEN -> throw new IllegalStateException();
                        });
        assertThat(world.backups().isFrozen(VM)).isFalse();
        assertNothingIsLeft();
    }

    @Test
    void anAgentThatIsNotToBeAskedIsNotAsked() throws IOException {
        world.backups().guestAgent = FreezeOutcome.FROZEN;
        world.at = point -> assertThat(world.backups().isFrozen(VM)).isFalse();

        assertThat(world.backUp(spec -> spec.quiesce(Quiesce.Never)).result().quiesced())
                .isNull();
    }

    /** Its agent may be stuck for ever. */
    @Test
    void aGuestThatDoesNotThawHoldsUpNothing() throws IOException {
        world.backups().guestAgent = FreezeOutcome.FROZEN;
        world.backups().thaws = false;

        BackupRunStatus status = world.backUp(spec -> spec.quiesce(Quiesce.BestEffort));

        assertThat(status.phase()).isEqualTo(RunPhase.Completed);
        assertNothingIsLeft();
    }

    /** Its agent did not answer in time, froze it later, and answers again when another agent of the node runs. */
    @ParameterizedTest
    @EnumSource(names = {"FROZEN", "TIMED_OUT"})
    void aGuestThatDoesNotThawIsThawedWhenItsAgentAnswers(FreezeOutcome outcome) throws IOException {
        world.backups().guestAgent = outcome;
        world.backups().thaws = false;
        world.backUp(spec -> spec.quiesce(Quiesce.BestEffort));
        assertThat(world.pass()).isPresent();
        assertThat(world.backups().isFrozen(VM)).isTrue();

        world.startAgent();
        world.backups().thaws = true;
        assertThat(world.records.vms()).containsExactly(VM);
        assertThat(world.pass()).isEmpty();

        assertThat(world.backups().isFrozen(VM)).isFalse();
        assertThat(world.records.vms()).isEmpty();
    }

    @Test
    void withoutOneInstantThereIsNoBackup() throws IOException {
        world.at = point -> {
            if (point == Failpoint.BACKUP_BEGUN) {
                world.guestWrites();
            }
        };

        assertFailed(world.backUp(UnaryOperator.identity()), Reason.BackupNotAtOneInstant);
    }

    static Stream<Failpoint> points() {
        return Arrays.stream(Failpoint.values()).filter(point -> point.id().startsWith("backup."));
    }

    @ParameterizedTest
    @MethodSource("points")
    void wheneverTheAgentDiesTheNextOneEndsTheRun(Failpoint point) throws IOException {
        BackupRun before = completeOne();
        pauseTheGuest();
        world.backups().guestAgent = FreezeOutcome.FROZEN;
        BackupRun run = world.request(spec -> spec.quiesce(Quiesce.BestEffort));
        dieAt(point);

        assertThatThrownBy(world::pass).isInstanceOf(Died.class);
        world.at = passed -> {};
        world.backups().thaws = true;
        world.startAgent();
        world.synced = false;
        world.pass();
        assertThat(world.backups().job(VM)).isEmpty();
        assertThat(world.guestRuns()).isTrue();
        assertThat(world.backups().isFrozen(VM)).isFalse();
        world.synced = true;
        world.pass();

        assertEnded(before, run);
    }

    @ParameterizedTest
    @MethodSource("points")
    void whateverFailsTheRunIsEnded(Failpoint point) throws IOException {
        BackupRun before = completeOne();
        pauseTheGuest();
        BackupRun run = world.request(spec -> spec.quiesce(Quiesce.BestEffort));
        var guest = world.at;
        AtomicBoolean failed = new AtomicBoolean();
        world.at = passed -> {
            guest.accept(passed);
            if (passed == point && failed.compareAndSet(false, true)) {
                throw new RefusedException(Reason.DiskCopyFailed, "failed at " + point);
            }
        };

        try {
            world.pass();
        } catch (RuntimeException e) {
            assertThat(e).hasMessageContaining("failed at");
        }
        world.pass();

        assertThat(failed).isTrue();
        assertEnded(before, run);
    }

    private BackupRun completeOne() {
        BackupRun run = world.request(UnaryOperator.identity());
        world.pass();
        world.now = world.now.plusSeconds(60);
        return run;
    }

    private void pauseTheGuest() {
        world.at = point -> {
            if (point == Failpoint.BACKUP_BEGUN && world.guestRuns()) {
                world.guestWrites();
            }
        };
    }

    private void dieAt(Failpoint point) {
        var guest = world.at;
        AtomicInteger begun = new AtomicInteger();
        world.at = passed -> {
            guest.accept(passed);
            // While the guest is paused.
            boolean last = passed != Failpoint.BACKUP_BEGUN || begun.incrementAndGet() > 3;
            if (passed == point && last) {
                // A process that is dead thaws nothing.
                world.backups().thaws = false;
                throw new Died();
            }
        };
    }

    private void assertEnded(BackupRun before, BackupRun run) throws IOException {
        BackupRunStatus status = world.status(run);
        if (status.phase() == RunPhase.Completed) {
            assertThat(world.findings(run)).isEmpty();
            assertThat(world.backups().checkpoints(VM))
                    .containsExactly(run.getMetadata().getUid());
        } else {
            assertThat(status.phase()).isEqualTo(RunPhase.Failed);
            assertThat(status.message()).isNotBlank();
            assertThat(world.isCommitted(run)).isFalse();
            assertThat(world.backups().checkpoints(VM))
                    .containsExactly(before.getMetadata().getUid());
        }
        assertNothingIsLeft();
        int writes = world.written.size();
        world.pass();
        assertThat(world.written).hasSize(writes);
        assertThat(world.backUp(UnaryOperator.identity()).result().type()).isEqualTo(BackupResult.Type.Incremental);
    }

    @Test
    void aBackupWhoseIndexWasWrittenBeforeTheAgentDiedIsCompleted() throws IOException {
        BackupRun run = world.request(UnaryOperator.identity());
        dieAt(Failpoint.BACKUP_COMMITTED);
        assertThatThrownBy(world::pass).isInstanceOf(Died.class);

        world.startAgent();
        world.pass();

        assertThat(world.status(run).phase()).isEqualTo(RunPhase.Completed);
        assertThat(world.findings(run)).isEmpty();
    }

    @Test
    void aRunThatIsOnNoRecordAnyMoreIsNotBegunAgain() throws IOException {
        BackupRun run = world.request(UnaryOperator.identity());
        run.setStatus(BackupRunStatusBuilder.builder().phase(RunPhase.Running).build());

        world.pass();

        assertFailed(world.status(run), Reason.AgentRestarted);
    }

    @Test
    void aFinalStatusStays() {
        BackupRun run = world.request(UnaryOperator.identity());
        run.setStatus(BackupRunStatusBuilder.builder().phase(RunPhase.Failed).build());

        assertThat(world.pass()).isEmpty();

        assertThat(world.written).isEmpty();
    }

    @Test
    void whatAnApiServerThatIsAwayDoesNotHearIsSaidLater() throws IOException {
        BackupRun run = world.request(UnaryOperator.identity());
        world.serverDown = true;
        assertThat(world.pass()).isPresent();

        world.serverDown = false;
        world.pass();

        assertThat(world.status(run).phase()).isEqualTo(RunPhase.Completed);
        assertNothingIsLeft();
    }

    @Test
    void aRunThatIsDeletedIsBrokenOff() throws IOException {
        whileCopying(() -> world.runs.clear());
        world.request(UnaryOperator.identity());

        world.pass();

        assertNothingIsLeft();
        assertThat(world.backups().checkpoints(VM)).isEmpty();
        assertThat(world.records.all()).isEmpty();
    }

    @Test
    void aGuestWhoseEarlierJobIsLostIsNotBackedUpAndRunsOn() throws IOException {
        world.backups().loseJob(VM);

        BackupRunStatus status = world.backUp(UnaryOperator.identity());

        assertFailed(status, Reason.BackupJobLost);
        assertThat(status.message()).contains("restart the VM");
    }

    @Test
    void aRunOfAGuestWhoseDomainIsLostEndsWhenItsProcessHas() throws IOException {
        BackupRun run = world.request(UnaryOperator.identity());
        whileCopying(() -> world.hypervisor.loseDomain(VM, 4711));

        world.pass();
        assertThat(world.records.all()).as("its job may go on").hasSize(1);

        world.hypervisor.crash(VM);
        world.pass();
        assertThat(world.status(run).phase()).isEqualTo(RunPhase.Failed);
        assertThat(world.status(run).reason()).isEqualTo(Reason.DomainLost.name());
        assertThat(world.records.all()).isEmpty();
    }

    @Test
    void aGuestThatMigratesWaitsForNoBackup() throws IOException {
        whileCopying(() -> world.change(
                spec -> spec.departure(Incarnations.departure(4, "host-b").build())));

        assertFailed(world.backUp(UnaryOperator.identity()), Reason.BackupGaveWay);
    }

    @Test
    void aGuestThatIsToStopWaitsForNoBackup() throws IOException {
        whileCopying(() -> world.change(spec -> spec.desiredState(DesiredState.Stopped)));

        assertFailed(world.backUp(UnaryOperator.identity()), Reason.BackupGaveWay);
    }

    @Test
    void aHostThatShutsDownWaitsForNoBackup() throws IOException {
        whileCopying(() -> world.hostShutsDown = true);

        assertFailed(world.backUp(UnaryOperator.identity()), Reason.BackupGaveWay);
    }

    @Test
    void aBackupOfAGuestThatEndsIsBrokenOff() {
        whileCopying(() -> world.hypervisor.crash(VM));

        BackupRunStatus status = world.backUp(UnaryOperator.identity());

        assertThat(status.reason()).isEqualTo(Reason.GuestNotHere.name());
    }

    @Test
    void anAgentThatStopsLeavesNoJob() throws Exception {
        CountDownLatch copying = new CountDownLatch(1);
        whileCopying(copying::countDown);
        BackupRun run = world.request(UnaryOperator.identity());
        Thread passing = Thread.ofPlatform().start(world::pass);
        copying.await();

        assertThat(world.stopAgent()).isTrue();
        passing.join();

        assertFailed(world.status(run), Reason.AgentRestarted);
    }

    @Test
    void aGuestIsNotLeftWithoutScratch() throws IOException {
        whileCopying(() -> world.backups().overwrite(VM, 9L << 30));

        assertFailed(world.backUp(UnaryOperator.identity()), Reason.NoSpace);
    }

    @Test
    void aLocationThatFillsUpEndsTheBackup() throws IOException {
        whileCopying(() -> world.free = FreeSpaceGuard.KEPT - 1);

        assertFailed(world.backUp(UnaryOperator.identity()), Reason.NoSpace);
    }

    @Test
    void withoutRoomNoBackupIsBegun() throws IOException {
        world.free = 2 * FreeSpaceGuard.KEPT - 1;

        BackupRunStatus status = world.backUp(UnaryOperator.identity());

        assertFailed(status, Reason.NoSpace);
        assertThat(status.message()).contains("1023 MiB are free");
    }

    @Test
    void aGuestWhoseDiskIsFullGoesFirst() throws IOException {
        whileCopying(() -> world.hypervisor.pause(VM, PauseReason.IO_ERROR));

        BackupRunStatus status = world.backUp(UnaryOperator.identity());

        assertThat(status.reason()).isEqualTo(Reason.NoSpace.name());
        assertThat(world.backups().job(VM)).isEmpty();
        assertThat(world.staged()).isEmpty();
    }

    /** What follows is said by the operator, which knows whether it is tried again. */
    @Test
    void aMessageSaysEachThingOnce() {
        BackupStoreException full =
                new BackupStoreException(StoreFault.NO_SPACE, "cannot write data-00000: No space left on device");
        assertThat(BackupOrders.FAULTS.of(full).orElseThrow().message())
                .isEqualTo(
                        "cannot write data-00000: No space left on device; free or add space in the backup location");
        BackupStoreException away = new BackupStoreException(StoreFault.FAILED, "cannot open /backups: it is missing");
        assertThat(BackupOrders.FAULTS.of(away).orElseThrow().message())
                .isEqualTo("cannot open /backups: it is missing");
    }

    @Test
    void aFolderThatIsNotThereIsNotMade() throws IOException {
        Path missing = root.resolve("missing");

        BackupRunStatus status = world.backUp(spec -> spec.location(BackupLocations.ref("other", missing.toString())));

        assertFailed(status, Reason.BackupLocationUnavailable);
        assertThat(missing).doesNotExist();
    }

    /** The file system is not mounted: what is written into the empty folder is gone from sight with the next mount. */
    @Test
    void intoAFolderWithoutItsMarkerNothingIsWritten() throws IOException {
        Path marker = world.location.resolve(StoreMarker.NAME);
        Path kept = Files.move(marker, root.resolve("marker"));
        assertFailed(world.backUp(UnaryOperator.identity()), Reason.BackupLocationUnavailable);
        assertThat(world.location).isEmptyDirectory();
        assertNothingIsLeft();

        Files.writeString(marker, "{\"format\":1,\"id\":\"" + VM + "\"}");
        assertThat(world.backUp(UnaryOperator.identity()).message()).contains("is store " + VM + " by its marker");
        assertThat(world.location).isDirectoryContaining(file -> file.equals(marker));
        assertThat(world.location.toFile().list()).hasSize(1);

        Files.move(kept, marker, StandardCopyOption.REPLACE_EXISTING);
        assertThat(world.backUp(UnaryOperator.identity()).phase()).isEqualTo(RunPhase.Completed);
    }

    /** Whatever was copied by then: no index says that it is a backup. */
    @Test
    void aFileSystemThatGoesDuringTheRunFailsItAndGetsNothing() throws IOException {
        Path away = root.resolve("away");
        world.at = point -> {
            if (point == Failpoint.BACKUP_TAKEN && !Files.exists(away)) {
                try {
                    Files.move(world.location, away);
                    Files.createDirectory(world.location);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        assertFailed(world.backUp(UnaryOperator.identity()), Reason.BackupLocationUnavailable);
        assertThat(world.location).isEmptyDirectory();
    }

    @Test
    void onlyTheGuestOfThatEpochIsSaved() throws IOException {
        assertFailed(world.backUp(spec -> spec.epoch(2L)), Reason.GuestNotHere);
    }

    @Test
    void aGuestThatDoesNotRunIsNotSaved() {
        world.hypervisor.pause(VM, PauseReason.REQUESTED);

        assertThat(world.backUp(UnaryOperator.identity()).reason()).isEqualTo(Reason.GuestNotHere.name());
    }

    @Test
    void checkpointsOfOtherLocationsStay() throws IOException {
        world.backUp(UnaryOperator.identity());
        Path other = BackupLocations.mark(Files.createDirectory(root.resolve("other")));

        world.backUp(spec ->
                spec.location(BackupLocations.ref("other", other.toString())).completed(List.of()));

        assertThat(world.backups().checkpoints(VM)).hasSize(2);
    }

    @Test
    void whatAnEarlierRunLeftBesideTheDisksIsRemoved() throws IOException {
        Files.createDirectory(world.folder.backup(UUID.randomUUID()));

        world.backUp(UnaryOperator.identity());

        assertNothingIsLeft();
    }

    /** What is stored may be damaged, and nobody knows it. */
    @Test
    void aFullBackupThatIsAskedForStoresEverythingAnew() throws IOException {
        world.backUp(UnaryOperator.identity());
        long first = bytes(world.runs.getLast());

        world.backUp(spec -> spec.mode(BackupMode.Full));

        assertThat(bytes(world.runs.getLast())).isCloseTo(first, within(1024L));
    }

    @Test
    void afterAFullReadingOnlyWhatNoUsableBackupHasIsStored() throws IOException {
        world.backUp(UnaryOperator.identity());
        long first = bytes(world.runs.getLast());
        world.backups().loseBitmaps(world.folder.osDisk());

        BackupRunStatus status = world.backUp(UnaryOperator.identity());

        assertThat(status.result().type()).isEqualTo(BackupResult.Type.Full);
        assertThat(status.result().changed().getNumericalAmount().longValue()).isEqualTo(2 * (64 << 10));
        assertThat(first).isGreaterThan(2 * (64 << 10));
        assertThat(bytes(world.runs.getLast())).isLessThan(16 << 10);
        assertThat(world.disksIn(world.runs.getLast())).isEqualTo(world.disksIn(world.runs.getFirst()));
    }

    private long bytes(BackupRun run) throws IOException {
        Path backup =
                world.location.resolve(VM.toString()).resolve(run.getMetadata().getUid());
        try (Stream<Path> files = Files.list(backup)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    /** A map is read before the instant, so that no run after it fails: only what it says where data is needs it. */
    @Test
    void aBackupWithADamagedMapIsNotUsed() throws IOException {
        BackupRun first = world.request(UnaryOperator.identity());
        world.pass();
        flipLastBit(first, "map-00000");

        BackupRunStatus status = world.backUp(UnaryOperator.identity());

        assertThat(status.result().fullReason()).isEqualTo("BackupUnusable");
        assertThat(world.findings(world.runs.getLast())).isEmpty();
        assertThat(world.diskIn(world.runs.getLast())).isZero();
    }

    private void flipLastBit(BackupRun run, String name) throws IOException {
        Path file = world.location
                .resolve(VM.toString())
                .resolve(run.getMetadata().getUid())
                .resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
    }

    /** It would keep the packs of removed backups for ever. */
    @Test
    void whatARunLeftInALocationThatWasAwayIsRemovedLater() throws IOException {
        Path away = root.resolve("away");
        world.at = point -> {
            if (point == Failpoint.BACKUP_COPIED) {
                move(world.location, away);
            }
        };
        BackupRun run = world.request(UnaryOperator.identity());
        assertThat(world.pass()).isPresent();
        assertThat(world.status(run).reason()).isEqualTo(Reason.BackupLocationUnavailable.name());

        move(away, world.location);
        assertThat(BackupLocations.store(world.location).backups(VM)).hasSize(1);
        world.startAgent();
        assertThat(world.records.vms()).containsExactly(VM);
        assertThat(world.pass()).isEmpty();

        assertThat(BackupLocations.store(world.location).backups(VM)).isEmpty();
        assertThat(world.records.vms()).isEmpty();
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** While it is listed, no pack that it may need is removed. */
    @Test
    void aRunBeginsInTheStoreBeforeItReadsOtherBackups() throws IOException {
        BackupRun first = world.request(UnaryOperator.identity());
        world.pass();
        List<String> why = new ArrayList<>();
        world.at = point -> {
            if (point == Failpoint.BACKUP_STAGED) {
                why.addAll(removed(first));
            }
        };
        world.now = world.now.plusSeconds(60);
        BackupRun second = world.request(UnaryOperator.identity());
        world.pass();

        assertThat(why).hasSize(1);
        assertThat(world.status(second).result().baseUID())
                .isEqualTo(first.getMetadata().getUid());
        assertThat(world.findings(second)).isEmpty();
        assertThat(removed(first)).isEmpty();
        assertThat(world.disksIn(second).get("root")).isEqualTo(Map.of(1, 1));
    }

    private List<String> removed(BackupRun run) {
        try {
            return BackupRemoval.remove(BackupLocations.store(world.location), BackupWorld.id(run)).stream()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aLocationWithoutRoomForAllDisksIsNotFilled() throws IOException {
        world.bucket = new SmallStore(BackupLocations.store(world.location), 1000);

        BackupRunStatus status =
                world.backUp(spec -> spec.location(BackupLocations.bucketRef("s3", "https://s3.example/vms"))
                        .envelope(new BackupRunSpec.Envelope("sealed", "2026-03-02T12:00:00Z")));

        assertFailed(status, Reason.NoSpace);
        assertThat(status.message()).contains("0 MiB are free in https://s3.example/vms");
    }

    @Test
    void aFolderSaysItsRoomAlsoWithALimit() throws IOException {
        BackupStore store = BackupLocations.store(world.location);
        BackupStore limited = new ThrottledStore(store, new Bandwidth(1, System::nanoTime, Thread::sleep));

        assertThat(limited.room().orElseThrow())
                .isBetween(1L, world.location.toFile().getTotalSpace());
    }

    /** An escaped guest serves what it likes. */
    @Test
    void aDiskOfAnotherSizeIsNotRead() throws IOException {
        world.opener = served(ModelDisks.BYTES << 20);
        world.startAgent();

        BackupRunStatus status = world.backUp(UnaryOperator.identity());

        assertFailed(status, Reason.DiskCopyFailed);
        assertThat(status.message()).contains("cannot read disk data-data: it has ");
    }

    /** It accepts connections, and never answers. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReaderOfASilentServerEndsWithItsRun(boolean sayingWhatItHas) throws Exception {
        Path socket = root.resolve("silent");
        try (ServerSocketChannel silent =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket))) {
            world.opener = served(
                    sayingWhatItHas
                            ? new SilentDisk(socket)
                            : new NbdDisk(new DiskExport(socket, "root"), ModelDisks.BYTES, false));
            world.startAgent();
            BackupRun run = world.request(UnaryOperator.identity());
            Thread passing = Thread.ofPlatform().start(world::pass);
            silent.accept();

            assertThat(world.stopAgent()).isTrue();
            passing.join();

            assertFailed(world.status(run), Reason.AgentRestarted);
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .doesNotContain("copy-" + VM);
            assertThat(BackupLocations.store(world.location).backups(VM)).isEmpty();
        }
    }

    /** Each reader waits for an answer. */
    private record SilentDisk(Path socket) implements DiskSource {
        @Override
        public long bytes() {
            return ModelDisks.BYTES;
        }

        @Override
        public Wanted wanted(Geometry geometry) {
            BitSet first = new BitSet();
            first.set(0);
            return new Wanted(first, true);
        }

        @Override
        public Reader open() throws IOException {
            SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            return new Reader() {
                @Override
                public void read(long offset, ByteBuffer into) throws IOException {
                    channel.read(into);
                }

                @Override
                public void close() throws IOException {
                    channel.close();
                }
            };
        }
    }

    private static DiskOpener served(long bytes) {
        return served(new NbdDisk(new DiskExport(Path.of("nothing"), "root"), bytes, false));
    }

    private static DiskOpener served(DiskSource disk) {
        return new DiskOpener() {
            @Override
            public OpenDisk running(DiskExport export, boolean changes) {
                return new OpenDisk(disk, () -> {});
            }

            @Override
            public OpenDisk stopped(Path file, DiskExport export) {
                throw new AssertionError("the guest runs");
            }
        };
    }

    /** The copy hangs until it is broken off. */
    private void whileCopying(Runnable event) {
        AtomicBoolean done = new AtomicBoolean();
        world.disks.whileReading = () -> {
            if (done.compareAndSet(false, true)) {
                event.run();
            }
            while (!Thread.currentThread().isInterrupted()) {
                LockSupport.park();
            }
            throw new IllegalStateException("broken off");
        };
    }

    private void assertFailed(BackupRunStatus status, Reason reason) throws IOException {
        assertThat(status.reason()).as(status.message()).isEqualTo(reason.name());
        assertThat(status.phase()).isEqualTo(RunPhase.Failed);
        assertThat(world.backups().checkpoints(VM)).isEmpty();
        assertNothingIsLeft();
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(world.guestRuns()).isTrue();
        assertThat(world.backups().job(VM)).isEmpty();
        assertThat(world.staged()).isEmpty();
        assertThat(world.records.all()).isEmpty();
    }
}
