package io.trustedlaunch.agent.restorerun;

import static io.trustedlaunch.agent.restorerun.RestoreWorld.NEWER;
import static io.trustedlaunch.agent.restorerun.RestoreWorld.RESTORE;
import static io.trustedlaunch.agent.restorerun.RestoreWorld.SAVED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.agent.folder.Ownership;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.CloneSource;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.image.Provenance;
import io.trustedlaunch.api.image.RecordedImage;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus.RestoreOutcome;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.testkit.Blocked;
import io.trustedlaunch.testkit.Vms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class RestoreOrdersTest {
    @TempDir
    private Path root;

    private RestoreWorld world;

    /** The death of the agent: no handler catches it. */
    private static final class Died extends Error {
        private static final long serialVersionUID = 1L;
    }

    @BeforeEach
    void makeWorld() throws IOException {
        world = new RestoreWorld(root);
    }

    @Test
    void theVmsFilesAreThoseOfTheBackupAndNothingIsLost() throws IOException {
        world.pass();

        // How often progress is seen meanwhile depends on the machine.
        assertThat(world.written.stream().map(RestoreRunStatus::phase).distinct())
                .containsExactly(RunPhase.Running, RunPhase.Completed);
        assertRestored();
    }

    @Test
    void theDisksOfAVmThatStartsAtOnceAreEmptyAndNameWhatTheyAreFilledFrom() throws IOException {
        world.request(spec -> spec.startAtOnce(true));

        world.pass();

        assertThat(world.status().phase()).isEqualTo(RunPhase.Completed);
        assertUnfilled(world.folder);
        assertThat(world.state(SAVED)).hasContent("saved state");
    }

    @Test
    void theDisksOfACopyThatStartsAtOnceAreThoseOfItsOwnRestore() throws IOException {
        world.requestCopy(spec -> spec.startAtOnce(true));

        world.pass();

        assertThat(world.status().phase()).isEqualTo(RunPhase.Completed);
        assertUnfilled(world.copy);
    }

    @Test
    void aBackupWhoseGuestStateIsDamagedIsRefusedAlsoIfTheVmIsToStartAtOnce() throws IOException {
        world.request(spec -> spec.startAtOnce(true));
        world.backups.disk.alter(world.wanted.id(), BackupFileName.GUEST_STATE, bytes -> new byte[bytes.length]);

        world.pass();

        assertThat(world.status().reason()).isEqualTo(Reason.BackupDamaged.name());
        assertThat(world.folder.osDisk()).hasContent("present root");
    }

    private static void assertUnfilled(VmFolder folder) throws IOException {
        UUID fill = UUID.fromString(RESTORE);
        assertThat(ImageInspector.backingOfQcow2(folder.osDisk())).contains(new FillBacking(fill, "root").toString());
        assertThat(ImageInspector.backingOfQcow2(folder.dataDisk(DiskIdentity.ofFirstStart("data"))))
                .contains(new FillBacking(fill, "data-data").toString());
    }

    /** Points that are passed several times, each time once. */
    static Stream<Arguments> deaths() {
        return Arrays.stream(Failpoint.values())
                .filter(point -> point.id().startsWith("restore."))
                .flatMap(point -> IntStream.rangeClosed(1, passed(point)).mapToObj(time -> Arguments.of(point, time)));
    }

    private static int passed(Failpoint point) {
        return switch (point) {
            case RESTORE_FILE_SET_ASIDE, RESTORE_DISK_PLACED -> 2;
            default -> 1;
        };
    }

    /** On another node, in another storage location, or since somebody has removed it. */
    @Test
    void aFolderThatIsNotThereIsMade() throws IOException {
        removeFolder();

        world.pass();

        assertThat(world.status().phase()).isEqualTo(RunPhase.Completed);
        assertMade();
    }

    private static Stream<Arguments> deathsInANewFolder() {
        return Arrays.stream(Failpoint.values())
                .filter(point -> point.id().startsWith("restore.") && point != Failpoint.RESTORE_FILE_SET_ASIDE)
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("deathsInANewFolder")
    void wheneverTheAgentDiesTheFolderIsMadeOnce(Failpoint point) throws IOException {
        removeFolder();
        dieAt(point);

        world.startAgent();
        world.pass();

        assertThat(world.status().phase()).isEqualTo(RunPhase.Completed);
        assertMade();
    }

    @Test
    void ofARestoreThatFailsNoFolderIsLeft() throws IOException {
        removeFolder();
        world.backups.disk.alter(world.wanted.id(), BackupFileName.dataPack(0), bytes -> new byte[0]);

        world.pass();

        assertThat(world.status().reason()).isEqualTo(Reason.BackupDamaged.name());
        assertThat(world.folder.path()).doesNotExist();
    }

    private void removeFolder() throws IOException {
        FileTree.of(world.folder.path()).delete();
    }

    private void assertMade() throws IOException {
        assertThat(names(world.folder.path()))
                .containsExactlyInAnyOrder(
                        "os.qcow2",
                        "data-data.qcow2",
                        "guest-state-7-212.p7m",
                        world.folder
                                .replaced(UUID.fromString(RESTORE))
                                .getFileName()
                                .toString());
        assertThat(text(world.folder.osDisk())).endsWith("\nfull of root, changes of root, end");
        assertThat(world.state(SAVED)).hasContent("saved state");
    }

    /** Of a VM that may run meanwhile: only its disks. */
    @Test
    void aNewVmGetsTheDisksOfABackupOfAnother() throws IOException {
        world.requestCopy(spec -> spec);

        world.pass();

        assertThat(world.status()).isEqualTo(new RestoreRunStatus(RunPhase.Completed, null, null));
        assertCopied();
    }

    @ParameterizedTest
    @MethodSource("deathsInANewFolder")
    void wheneverTheAgentDiesTheDisksAreCopiedOnce(Failpoint point) throws IOException {
        if (point == Failpoint.RESTORE_STATE_PLACED) {
            return;
        }
        world.requestCopy(spec -> spec);
        dieAt(point);

        world.startAgent();
        world.pass();

        assertThat(world.status().phase()).isEqualTo(RunPhase.Completed);
        assertCopied();
    }

    static Stream<Arguments> misfits() {
        return Stream.of(
                Arguments.of(
                        (RestoreWorld.SpecChange) spec -> spec.copyOf(new CloneSource(
                                Vms.UID, new RecordedImage("ubuntu", "cd".repeat(32), Provenance.None))),
                        Reason.BackupDamaged,
                        "is on record"),
                Arguments.of(
                        (RestoreWorld.SpecChange) spec -> spec.osDiskSize(new Quantity("1Ki")),
                        Reason.RestoreMismatch,
                        "spec.osDisk.size"),
                Arguments.of(
                        (RestoreWorld.SpecChange) spec -> spec.dataDisks(List.of()),
                        Reason.RestoreMismatch,
                        "spec.dataDisks lacks data"),
                Arguments.of(
                        (RestoreWorld.SpecChange) spec -> spec.dataDisks(List.of(
                                new VMIncarnationSpec.Disk("data", new Quantity("1Mi")),
                                new VMIncarnationSpec.Disk("more", new Quantity("1Mi")))),
                        Reason.RestoreMismatch,
                        "spec.dataDisks has more"));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void aBackupThatDoesNotFitIsNotCopied(RestoreWorld.SpecChange change, Reason reason, String text)
            throws IOException {
        world.requestCopy(change);
        world.whileMaking = () -> {
            throw new IllegalStateException("it was copied all the same");
        };

        world.pass();

        assertThat(world.status().reason()).as(String.valueOf(world.status())).isEqualTo(reason.name());
        assertThat(world.status().message()).contains(text);
        assertThat(world.copy.path()).doesNotExist();
    }

    private void assertCopied() throws IOException {
        assertThat(names(world.copy.path()))
                .containsExactlyInAnyOrder(
                        "os.qcow2",
                        "data-data.qcow2",
                        world.copy
                                .replaced(UUID.fromString(RESTORE))
                                .getFileName()
                                .toString());
        assertThat(text(world.copy.osDisk())).endsWith("\nfull of root, changes of root, end");
        assertUntouched();
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void wheneverTheAgentDiesTheVmIsTheOldOrTheNew(Failpoint point, int time) throws IOException {
        int[] reached = {0};
        world.at = passed -> {
            if (passed == point && ++reached[0] == time) {
                throw new Died();
            }
        };

        assertThatThrownBy(world::pass).isInstanceOf(Died.class);

        if (point == Failpoint.RESTORE_MADE) {
            assertUntouched();
        } else {
            assertThat(isUnfinished()).as("nothing starts from it").isTrue();
        }
        world.at = passed -> {};
        world.startAgent();
        world.pass();
        assertThat(world.status().phase()).isEqualTo(RunPhase.Completed);
        assertRestored();
    }

    private void requestDisk(String name) {
        world.onRecord(restore -> restore.guestState(null).disks(List.of(name)));
        world.request(spec -> spec.guestState(null).disks(List.of(name)));
    }

    @Test
    void oneDataDiskGoesBackAndAllElseStays() throws IOException {
        requestDisk("data");

        world.pass();

        assertThat(world.status().phase()).isEqualTo(RunPhase.Completed);
        assertDiskRestored();
        assertThat(world.disksMade).as("no other disk is read").containsExactly("data-data.qcow2");
    }

    @ParameterizedTest
    @EnumSource(
            value = Failpoint.class,
            names = {
                "RESTORE_MADE",
                "RESTORE_COMMITTED",
                "RESTORE_ASIDE_MADE",
                "RESTORE_FILE_SET_ASIDE",
                "RESTORE_DISK_PLACED"
            })
    void wheneverTheAgentDiesTheDiskIsTheOldOrTheNew(Failpoint point) throws IOException {
        requestDisk("data");
        dieAt(point);

        assertThat(isUnfinished()).isEqualTo(point != Failpoint.RESTORE_MADE);
        world.startAgent();
        world.pass();

        assertThat(world.status().phase()).isEqualTo(RunPhase.Completed);
        assertDiskRestored();
    }

    @Test
    void aDiskThatTheBackupDoesNotHaveIsNotRestored() throws IOException {
        requestDisk("more");

        world.pass();

        assertFailed(Reason.RestoreMismatch, "data disk more, which the backup does not have");
    }

    private void assertDiskRestored() throws IOException {
        Path aside = world.folder.replaced(UUID.fromString(RESTORE));
        assertThat(names(world.folder.path()))
                .containsExactlyInAnyOrder(
                        "os.qcow2",
                        "data-data.qcow2",
                        "guest-state-8-30.p7m",
                        "guest-state-7-100.p7m",
                        "protection-key-8.p7m",
                        aside.getFileName().toString());
        assertThat(world.folder.osDisk()).hasContent("present root");
        assertThat(world.state(NEWER)).hasContent("present state");
        assertThat(text(world.folder.dataDisk(DiskIdentity.ofFirstStart("data"))))
                .endsWith("\nfull of data, end");
        assertThat(names(aside)).containsExactly("data-data.qcow2");
        assertThat(aside.resolve("data-data.qcow2")).hasContent("present data");
    }

    /** Another node that shares the folder knows nothing of the first, and its VM's status may say what it likes. */
    @Test
    void whatIsCommittedIsFinishedWhateverIsOnRecord() throws IOException {
        dieAt(Failpoint.RESTORE_FILE_SET_ASIDE);
        world.owner = new Ownership.Absent();
        world.backups.disk.alter(world.wanted.id(), BackupFileName.dataPack(0), bytes -> new byte[0]);

        world.startAgent();
        world.pass();

        assertThat(world.status().phase()).isEqualTo(RunPhase.Completed);
        assertRestored();
    }

    /** The agent is back after a while, and the host that was said to be dead may run the guest after all. */
    @Test
    void whatIsCommittedIsPutInPlaceOnlyWhileTheFencesHold() throws IOException {
        world.request(spec -> spec.afterFences(List.of("host-b-3f0c6d6e")));
        dieAt(Failpoint.RESTORE_COMMITTED);
        Problem moving = new Problem(Reason.AwaitingFence, "host-b writes into the storage location");
        world.fenceProblems.put("host-b-3f0c6d6e", moving);
        world.startAgent();

        assertThat(world.pass()).isPresent();
        assertThat(world.status())
                .isEqualTo(
                        new RestoreRunStatus(RunPhase.Running, moving.reason().name(), moving.message()));
        assertThat(isUnfinished()).isTrue();

        world.fenceProblems.clear();
        world.pass();
        assertRestored();
    }

    @Test
    void whatIsCommittedIsNotGivenUpWhileTheStorageLocationIsAway() throws IOException {
        dieAt(Failpoint.RESTORE_COMMITTED);
        world.location = Optional.of(new Problem(Reason.LocationMissing, "not mounted"));
        world.startAgent();

        assertThat(world.pass()).isPresent();
        assertThat(world.status())
                .isEqualTo(new RestoreRunStatus(RunPhase.Running, Reason.LocationMissing.name(), "not mounted"));

        world.location = Optional.empty();
        world.pass();
        assertThat(world.status().phase()).isEqualTo(RunPhase.Completed);
        assertRestored();
    }

    @Test
    void aRunThatIsDoneIsOnlyReported() throws IOException {
        world.pass();
        Files.writeString(world.folder.osDisk(), "written since");
        world.request(spec -> spec);
        world.startAgent();

        world.pass();

        assertThat(world.status().phase()).isEqualTo(RunPhase.Completed);
        assertThat(world.folder.osDisk()).hasContent("written since");
    }

    /** Whoever administers the storage can make one. */
    @Test
    void aLinkToAnotherFolderIsNotFollowed(@TempDir Path other) throws IOException {
        Path disk = Files.writeString(other.resolve("os.qcow2"), "of another VM");
        Files.createSymbolicLink(world.folder.restored(new UUID(7, 7)), other);

        world.pass();

        assertThat(disk).hasContent("of another VM");
        assertThat(world.status().phase()).isEqualTo(RunPhase.Completed);
    }

    /** What a store's administrator can do to a file. */
    private enum Damage {
        ALTERED,
        TRUNCATED,
        LONGER,
        REMOVED,
        REPLACED_BY_THAT_OF_THE_OTHER_BACKUP;

        /** @param other what the other backup has under the same name */
        byte[] of(byte[] bytes, byte[] other) {
            // Of the maps of the backup before, those of the OS disk are behind what is needed.
            int needed = bytes.length / 3;
            byte[] altered = bytes.clone();
            altered[needed] ^= 1;
            return switch (this) {
                case ALTERED -> altered;
                case TRUNCATED -> Arrays.copyOf(bytes, needed);
                case LONGER -> Arrays.copyOf(bytes, bytes.length + 1);
                case REMOVED -> null;
                case REPLACED_BY_THAT_OF_THE_OTHER_BACKUP -> other;
            };
        }
    }

    /** Each file that it reads, of its own folder and of that of the backup before. */
    @ParameterizedTest
    @EnumSource(Damage.class)
    void whatWasDamagedInTheStoreIsNotPutInPlace(Damage damage) throws IOException {
        List<String> own = List.of(
                BackupFileName.INDEX,
                BackupFileName.DESCRIPTION,
                BackupFileName.GUEST_STATE,
                BackupFileName.dataPack(0),
                BackupFileName.mapPack(0));
        for (String file : own) {
            assertDamageIsFound(damage, world.wanted.id(), world.full.id(), file);
        }
        for (String pack : List.of(BackupFileName.dataPack(0), BackupFileName.mapPack(0))) {
            assertDamageIsFound(damage, world.full.id(), world.wanted.id(), pack);
        }
        world.request(spec -> spec);
        world.pass();
        assertRestored();
    }

    private void assertDamageIsFound(Damage damage, BackupId id, BackupId other, String file) throws IOException {
        byte[] whole = world.backups.disk.content(id, file);
        byte[] damaged = damage.of(whole, world.backups.disk.content(other, file));
        // What is behind all that a pack has is not read.
        if (damage == Damage.LONGER && BackupFileName.isPack(file)) {
            return;
        }
        world.backups.disk.alter(id, file, bytes -> damaged);
        world.request(spec -> spec);

        world.pass();

        assertFailed(Reason.BackupDamaged, file, id.backup().toString());
        world.backups.disk.alter(id, file, bytes -> whole);
    }

    @Test
    void anotherIndexThanTheOneOnRecordIsNotTaken() throws IOException {
        world.request(spec -> spec.backup(new RecordedBackup(
                "monday", world.wanted.backup().toString(), world.full.ref().indexSHA256())));

        world.pass();

        assertFailed(Reason.BackupDamaged, "index");
    }

    @Test
    void aBackupWithAnotherGuestStateThanOnRecordIsNotTaken() throws IOException {
        world.request(spec -> spec.guestState(new GuestStateVersion(7L, 213L)));

        world.pass();

        assertFailed(Reason.BackupDamaged, "7-212", "7-213");
    }

    @Test
    void nothingIsRestoredUnderALaterIncarnation() throws IOException {
        Path claim = world.state(new GuestStateVersion(9L, 1L));
        world.whileMaking = () -> write(claim);

        world.pass();

        Files.delete(claim);
        assertFailed(Reason.GuestStateOfLaterEpoch, "9-1");
    }

    /** What another operator, or the same one, has put on record while the files were made. */
    enum OnRecord {
        OTHER_RESTORE,
        OTHER_NODE,
        ENDED,
        GONE
    }

    @ParameterizedTest
    @EnumSource(OnRecord.class)
    void nothingIsRestoredThatIsOnRecordNoMore(OnRecord now) throws IOException {
        world.whileMaking = () -> {
            switch (now) {
                case OTHER_RESTORE ->
                    world.onRecord(restore -> restore.uid(UUID.randomUUID().toString()));
                case OTHER_NODE -> world.onRecord(restore -> restore.nodeName("host-b"));
                case ENDED -> world.onRecord(restore -> restore.outcome(RestoreOutcome.Failed));
                case GONE -> world.owner = new Ownership.Absent();
            }
        };

        world.pass();

        assertFailed(Reason.NotTheOwner, "nothing is restored");
    }

    /** The VM's guest may run on a host that was falsely said to be dead. */
    @Test
    void whileAFenceThatItReliesOnDoesNotHoldNothingIsCommitted() throws IOException {
        world.request(spec -> spec.afterFences(List.of("host-b-3f0c6d6e")));
        world.fenceProblems.put(
                "host-b-3f0c6d6e", new Problem(Reason.AwaitingFence, "host-b writes into the storage location"));

        assertThat(world.pass()).isPresent();

        assertThat(world.status().phase()).isEqualTo(RunPhase.Running);
        assertUntouched();
        world.fenceProblems.clear();
        world.pass();
        assertRestored();
    }

    /** As an incarnation and a backup say it: the message has the process. */
    @Test
    void aGuestThatLibvirtdHasLostIsNamedAsThat() throws IOException {
        world.hypervisor.loseDomain(world.folder.vm(), 4711);

        assertThat(world.pass()).isPresent();

        assertThat(world.status().reason()).isEqualTo(Reason.DomainLost.name());
        assertThat(world.status().message()).contains("kill 4711");
        assertUntouched();
    }

    @Test
    void whileTheApiServerIsAwayOrItsDataMayBeOldNothingIsCommitted() throws IOException {
        world.whileMaking = () -> world.dataIsCurrent = false;
        assertThat(world.pass()).isPresent();
        assertThat(world.status().phase()).isEqualTo(RunPhase.Running);
        assertUntouched();
        world.whileMaking = () -> {};
        world.dataIsCurrent = true;
        Ownership known = world.owner;
        world.owner = new Ownership.Unread("connection refused");
        assertThat(world.pass()).isPresent();
        assertUntouched();

        world.owner = known;
        world.pass();
        assertRestored();
    }

    @Test
    void aReportThatWasNotAcceptedIsRepeated() throws IOException {
        world.at = point -> world.serverDown = true;
        assertThat(world.pass()).isPresent();
        world.serverDown = false;
        world.at = point -> {};

        world.pass();

        assertThat(world.status().phase()).isEqualTo(RunPhase.Completed);
        assertRestored();
    }

    @Test
    void guestsKeepTheRoomThatTheyNeed() throws IOException {
        world.whileMaking = () -> {
            world.free = 1 << 20;
            Blocked.untilInterrupted();
        };

        world.pass();

        assertFailed(Reason.NoSpace, "1 MiB are free");
    }

    @Test
    void anAgentThatIsStoppedSaysNothingAndTheNextOneBegins() throws IOException {
        world.whileMaking = () -> {
            world.stopAgent();
            Blocked.untilInterrupted();
        };
        world.pass();
        assertThat(world.status().phase()).isEqualTo(RunPhase.Running);
        assertUntouched();
        world.whileMaking = () -> {};
        world.startAgent();

        world.pass();
        assertRestored();
    }

    @Test
    void aRunThatIsRemovedIsBrokenOff() throws IOException {
        world.whileMaking = () -> {
            world.runs.clear();
            Blocked.untilInterrupted();
        };

        world.pass();

        assertUntouched();
        assertThat(world.written).extracting(RestoreRunStatus::phase).containsOnly(RunPhase.Running);
    }

    private static void write(Path file) {
        try {
            Files.writeString(file, "claim");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void dieAt(Failpoint point) {
        world.at = passed -> {
            if (passed == point) {
                throw new Died();
            }
        };
        assertThatThrownBy(world::pass).isInstanceOf(Died.class);
        world.at = passed -> {};
    }

    /** The guest state in the backup lists what its guest had: a start with other disks would be refused. */
    @Test
    void aBackupWithOtherDisksThanTheVmHasIsRefused() throws IOException {
        for (List<VMIncarnationSpec.Disk> other : List.of(
                List.<VMIncarnationSpec.Disk>of(),
                List.of(new VMIncarnationSpec.Disk("data", new Quantity("1Mi"), 5L, null)))) {
            world.request(spec -> spec.dataDisks(other));
            world.pass();
            assertFailed(Reason.RestoreMismatch, "data disks data", "from.removedDisk");
        }
    }

    /** Of the same name, and another disk. */
    @Test
    void aDiskThatHadTheNameBeforeIsNotPutInPlaceOfTheOneThatHasIt() throws IOException {
        world.onRecord(restore -> restore.guestState(null).disks(List.of("data")));
        world.request(spec -> spec.guestState(null)
                .disks(List.of("data"))
                .dataDisks(List.of(new VMIncarnationSpec.Disk("data", new Quantity("1Mi"), 5L, null))));
        world.pass();
        assertFailed(Reason.RestoreMismatch, "a disk that had the name before is another one");
    }

    private boolean isUnfinished() throws IOException {
        return names(world.folder.path()).stream().anyMatch(name -> name.startsWith(".restored-"));
    }

    private void assertFailed(Reason reason, String... texts) throws IOException {
        assertThat(world.status().phase()).as(String.valueOf(world.status())).isEqualTo(RunPhase.Failed);
        assertThat(world.status().reason()).isEqualTo(reason.name());
        assertThat(world.status().message()).contains(texts);
        assertUntouched();
        assertThat(names(world.folder.path())).noneMatch(name -> name.startsWith(".restore"));
    }

    private void assertUntouched() throws IOException {
        assertThat(world.folder.osDisk()).hasContent("present root");
        assertThat(world.folder.dataDisk(DiskIdentity.ofFirstStart("data"))).hasContent("present data");
        assertThat(world.state(NEWER)).hasContent("present state");
        assertThat(world.state(SAVED)).doesNotExist();
        assertThat(isUnfinished()).isFalse();
    }

    private void assertRestored() throws IOException {
        Path aside = world.folder.replaced(UUID.fromString(RESTORE));
        assertThat(names(world.folder.path()))
                .containsExactlyInAnyOrder(
                        "os.qcow2",
                        "data-data.qcow2",
                        "guest-state-7-212.p7m",
                        "guest-state-7-100.p7m",
                        "protection-key-8.p7m",
                        aside.getFileName().toString());
        assertThat(text(world.folder.osDisk())).endsWith("\nfull of root, changes of root, end");
        assertThat(text(world.folder.dataDisk(DiskIdentity.ofFirstStart("data"))))
                .endsWith("\nfull of data, end");
        assertThat(world.state(SAVED)).hasContent("saved state");
        assertThat(names(aside)).containsExactlyInAnyOrder("os.qcow2", "data-data.qcow2", "guest-state-8-30.p7m");
        assertThat(aside.resolve("os.qcow2")).hasContent("present root");
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
