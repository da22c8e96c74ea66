package io.trustedlaunch.agent.storedbackuprun;

import static io.trustedlaunch.backup.BackupFixture.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.order.OrderPass;
import io.trustedlaunch.agent.order.SupervisedWork;
import io.trustedlaunch.agent.run.RunStores;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.Action;
import io.trustedlaunch.api.backup.StoredBackupRunSpecBuilder;
import io.trustedlaunch.api.backup.StoredBackupRunStatus;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupFixture;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.backup.StoreMarker;
import io.trustedlaunch.backup.folder.FolderStore;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Incarnations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Removal and verification, on real folders, of a backup and of a later one that needs a pack of it. */
class StoredBackupOrdersTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    private Path root;

    private final BackupFixture fixture = new BackupFixture(1);
    private final List<StoredBackupRun> runs = new ArrayList<>();
    private final List<StoredBackupRunStatus> written = new ArrayList<>();
    private Path location;
    private BackupIndex first;
    private BackupIndex second;
    private OrderPass<StoredBackupRun, StoredBackupRunStatus> agent;
    private boolean serverDown;

    /** Called at each failpoint. */
    private Consumer<Failpoint> at = point -> {};

    private static final class Died extends Error {
        private static final long serialVersionUID = 1L;
    }

    @BeforeEach
    void makeTwoBackups() throws IOException {
        location = Files.createDirectory(root.resolve("backups"));
        byte[] data = fixture.bytes(3000);
        first = backup(1, Optional.empty(), data);
        second = backup(2, Optional.of(first), data);
        assertThat(second.packs()).as("it needs packs of both").hasSize(2);
        startAgent();
    }

    private BackupIndex backup(int number, Optional<BackupIndex> before, byte[] data) {
        BackupIndex index = fixture.make(
                VM,
                number,
                before,
                new BackupFixture.Content(
                        Map.of(DiskName.ROOT, fixture.bytes(2000), DiskName.ofData("data"), data),
                        Map.of(BackupFileName.GUEST_STATE, fixture.bytes(100))),
                fixture.key);
        fixture.copyTo(store(), index);
        return index;
    }

    private BackupStore store() {
        return BackupLocations.store(location);
    }

    private void assertWhole(BackupIndex index) throws IOException {
        assertThat(new BackupVerification(store(), bytes -> {})
                        .verify(index.ref())
                        .findings())
                .isEmpty();
    }

    /** Also in place of one that has died. */
    private void startAgent() {
        agent = new StoredBackupOrders(
                        // The bucket has the files of the folder.
                        new RunStores(FolderStore::new, (run, envelope, storeID) -> new FolderStore(location, storeID)),
                        new SupervisedWork(Duration.ofMillis(5)),
                        Failpoints.calling(point -> at.accept(point)),
                        () -> NOW,
                        this::write)
                .pass();
    }

    private Optional<Duration> pass() {
        return agent.run(VM, () -> Optional.of(List.copyOf(runs)));
    }

    private StoredBackupRun write(StoredBackupRun run, StoredBackupRunStatus status) {
        if (serverDown) {
            throw new KubernetesClientException("connection refused");
        }
        written.add(status);
        StoredBackupRun stored = new StoredBackupRun();
        stored.setMetadata(new ObjectMetaBuilder(run.getMetadata())
                .withResourceVersion(Integer.toString(written.size() + 1))
                .build());
        stored.setSpec(run.getSpec());
        stored.setStatus(status);
        runs.replaceAll(each -> isSame(each, run) ? stored : each);
        return stored;
    }

    private StoredBackupRunStatus status(StoredBackupRun run) {
        return runs.stream()
                .filter(each -> isSame(each, run))
                .findFirst()
                .orElseThrow()
                .getStatus();
    }

    private static boolean isSame(StoredBackupRun one, StoredBackupRun other) {
        return one.getMetadata().getUid().equals(other.getMetadata().getUid());
    }

    @Test
    void aBackupIsRemovedAndTheOthersStay() throws IOException {
        StoredBackupRun removal = request(Action.Remove, second);
        pass();
        assertThat(status(removal).phase()).isEqualTo(RunPhase.Completed);
        assertThat(place(second)).doesNotExist();
        assertWhole(first);
        assertThat(written)
                .extracting(StoredBackupRunStatus::phase)
                .containsExactly(RunPhase.Running, RunPhase.Completed);
    }

    @Test
    void packsThatALaterBackupNeedsGoWithThat() throws IOException {
        StoredBackupRun removal = request(Action.Remove, first);
        pass();
        assertThat(status(removal).phase()).isEqualTo(RunPhase.Completed);
        assertThat(place(first).resolve(BackupFileName.DESCRIPTION)).doesNotExist();
        assertWhole(second);

        StoredBackupRun last = request(Action.Remove, second);
        pass();
        assertThat(status(last).phase()).isEqualTo(RunPhase.Completed);
        assertThat(location.resolve(VM.toString())).doesNotExist();
    }

    /** The run may have found the backup whole before its index was removed. */
    @Test
    void whileARunIsUnderWayNoPackGoesAndTheReasonIsReported() throws IOException {
        BackupId run = new BackupId(VM, UUID.randomUUID());
        store().begin(run);
        StoredBackupRun removal = request(Action.Remove, second);
        pass();
        assertFailed(removal, Reason.PacksInUse, run.backup() + " of this VM is under way");
        assertThat(store().index(second.id())).isEmpty();
        assertThat(place(second).resolve(BackupFileName.dataPack(0))).exists();

        store().removeFiles(run);
        StoredBackupRun again = request(Action.Remove, second);
        pass();
        assertThat(status(again).phase()).isEqualTo(RunPhase.Completed);
        assertThat(place(second)).doesNotExist();
        assertWhole(first);
    }

    /** What has an index counts as whole. */
    @ParameterizedTest
    @EnumSource(names = {"REMOVAL_INDEX_REMOVED", "REMOVAL_FILES_REMOVED"})
    void aRemovalThatDiesIsRepeatedToTheSameEnd(Failpoint death) {
        at = point -> {
            if (point == death) {
                assertThat(hasIndex(second)).isFalse();
                throw new Died();
            }
        };
        StoredBackupRun removal = request(Action.Remove, second);
        assertThatThrownBy(this::pass).isInstanceOf(Died.class);
        assertThat(status(removal).phase()).isEqualTo(RunPhase.Running);

        at = point -> {};
        startAgent();
        pass();
        assertThat(status(removal).phase()).isEqualTo(RunPhase.Completed);
        assertThat(place(second)).doesNotExist();
        assertThat(place(first)).exists();
    }

    @Test
    void nothingIsRemovedWhereSomethingElseLies() throws IOException {
        Files.createFile(place(second).resolve("notes"));
        StoredBackupRun removal = request(Action.Remove, second);
        pass();
        assertFailed(removal, Reason.BackupLocationUnavailable, "remove what does not belong there");
        assertThat(place(second).resolve(BackupFileName.dataPack(0))).exists();
    }

    @Test
    void noLinkIsFollowed() throws IOException {
        Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
        Files.createFile(elsewhere.resolve("guest-state"));
        Path moved = root.resolve("moved");
        Files.move(place(second), moved);
        Files.createSymbolicLink(place(second), elsewhere);
        StoredBackupRun removal = request(Action.Remove, second);
        pass();
        assertFailed(removal, Reason.BackupLocationUnavailable, "is a link");
        assertThat(elsewhere.resolve("guest-state")).exists();
    }

    /** A file system that is not mounted leaves an empty folder: what is in it would otherwise be forgotten. */
    @ParameterizedTest
    @EnumSource
    void aLocationThatIsAwayIsNoEmptyOne(Action action) throws IOException {
        Path away = root.resolve("away");
        Files.move(location, away);
        StoredBackupRun gone = request(action, second);
        pass();
        assertFailed(gone, Reason.BackupLocationUnavailable, "mounted");
        Files.createDirectory(location);
        StoredBackupRun empty = request(action, second);
        pass();
        assertFailed(empty, Reason.BackupLocationUnavailable, "has no marker");
        assertThat(location).as("nothing is made there").isEmptyDirectory();

        Files.writeString(location.resolve(StoreMarker.NAME), "{\"format\":1,\"id\":\"" + VM + "\"}");
        StoredBackupRun other = request(action, second);
        pass();
        assertFailed(other, Reason.BackupLocationUnavailable, "is store " + VM);

        Files.delete(location.resolve(StoreMarker.NAME));
        Files.delete(location);
        Files.move(away, location);
        StoredBackupRun again = request(action, second);
        pass();
        assertThat(status(again).phase()).isEqualTo(RunPhase.Completed);
    }

    @Test
    void aBackupIsVerifiedWithAllThatItNeeds() throws IOException {
        StoredBackupRun whole = request(Action.Verify, second);
        pass();
        assertThat(status(whole).phase()).isEqualTo(RunPhase.Completed);

        Path pack = place(first).resolve(BackupFileName.dataPack(0));
        byte[] bytes = Files.readAllBytes(pack);
        bytes[3] ^= 1;
        Files.write(pack, bytes);
        StoredBackupRun altered = request(Action.Verify, second);
        pass();
        assertFailed(
                altered,
                Reason.BackupDamaged,
                "data-00000 of backup " + first.backup() + " of VM " + VM + " is not what was written");
    }

    /** Whether it is whole is known of that pack since it was read for the other one. */
    @Test
    void packsThatWereReadForAnotherBackupAreNotReadAgain() throws IOException {
        Path pack = place(first).resolve(BackupFileName.dataPack(0));
        byte[] bytes = Files.readAllBytes(pack);
        bytes[3] ^= 1;
        Files.write(pack, bytes);
        StoredBackupRun rest = request(Action.Verify, second, spec -> alreadyRead(spec, first));
        pass();
        assertThat(status(rest).phase()).isEqualTo(RunPhase.Completed);
        Files.delete(place(second).resolve(BackupFileName.dataPack(0)));
        StoredBackupRun damaged = request(Action.Verify, second, spec -> alreadyRead(spec, first));
        pass();
        assertFailed(damaged, Reason.BackupDamaged, "data-00000 of backup " + second.backup());
    }

    private static StoredBackupRunSpecBuilder alreadyRead(StoredBackupRunSpecBuilder spec, BackupIndex index) {
        return spec.alreadyRead(new StoredBackupRunSpec.AlreadyRead(
                NOW.toString(),
                List.of(new StoredBackupRunSpec.AlreadyRead.Backup(
                        index.backup().toString(), index.ref().indexSHA256()))));
    }

    @Test
    void aBackupWhoseIndexIsAnotherIsDamaged() throws IOException {
        Files.copy(
                place(first).resolve("index.json"),
                place(second).resolve("index.json"),
                StandardCopyOption.REPLACE_EXISTING);
        StoredBackupRun verification = request(Action.Verify, second);
        pass();
        assertFailed(verification, Reason.BackupDamaged, "is not the one on record");
    }

    @Test
    void aRunThatIsNotWantedAnyMoreIsNotReported() {
        StoredBackupRun verification = request(Action.Verify, second);
        verification.getMetadata().setDeletionTimestamp(NOW.toString());
        pass();
        assertThat(status(verification)).isNull();
    }

    @Test
    void anEndThatTheServerDidNotTakeIsReportedLater() {
        StoredBackupRun removal = request(Action.Remove, second);
        serverDown = true;
        assertThat(pass()).isPresent();
        serverDown = false;
        pass();
        assertThat(status(removal).phase()).isEqualTo(RunPhase.Completed);
    }

    @Test
    void aVerificationInABucketWaitsForWhatItMayAskAndSaysHowFarItIs() {
        UnaryOperator<StoredBackupRunSpecBuilder> inBucket =
                spec -> spec.location(BackupLocations.bucketRef("s3", "https://s3.example/vms"));
        request(Action.Verify, second, inBucket);
        pass();
        assertThat(written).as("none").isEmpty();
        runs.clear();
        request(
                Action.Verify,
                second,
                spec -> inBucket.apply(spec)
                        .envelope(new BackupRunSpec.Envelope(
                                "sealed", NOW.minusSeconds(1).toString())));
        pass();
        assertThat(written).as("expired").isEmpty();
        runs.clear();

        StoredBackupRun verification = request(
                Action.Verify,
                second,
                spec -> inBucket.apply(spec).envelope(new BackupRunSpec.Envelope("sealed", "2026-03-02T12:00:00Z")));
        pass();
        assertThat(status(verification).phase()).isEqualTo(RunPhase.Completed);
        assertThat(status(verification).progressPercent()).isEqualTo(100);
    }

    private StoredBackupRun request(Action action, BackupIndex of) {
        return request(action, of, spec -> spec);
    }

    private StoredBackupRun request(Action action, BackupIndex of, UnaryOperator<StoredBackupRunSpecBuilder> change) {
        StoredBackupRun run = new StoredBackupRun();
        run.setMetadata(new ObjectMetaBuilder()
                .withNamespace(Incarnations.NAMESPACE)
                .withName("run-" + runs.size())
                .withUid(UUID.randomUUID().toString())
                .withResourceVersion("1")
                .withCreationTimestamp(NOW.toString())
                .build());
        run.setSpec(change.apply(StoredBackupRunSpecBuilder.builder()
                        .action(action)
                        .nodeName("host-a")
                        .vmRef(new BackupRunSpec.Vm("finance", "payroll", VM.toString()))
                        .backupRef(new BackupRunSpec.Backup(
                                "backup", UUID.randomUUID().toString()))
                        .backupUID(of.backup().toString())
                        .location(BackupLocations.ref("backups", location.toString()))
                        .indexSHA256(action == Action.Verify ? of.ref().indexSHA256() : null))
                .build());
        runs.add(run);
        return run;
    }

    private Path place(BackupIndex of) {
        return location.resolve(VM.toString()).resolve(of.backup().toString());
    }

    private boolean hasIndex(BackupIndex of) {
        try {
            return store().index(of.id()).isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertFailed(StoredBackupRun run, Reason reason, String message) {
        StoredBackupRunStatus status = status(run);
        assertThat(status.phase()).isEqualTo(RunPhase.Failed);
        assertThat(status.reason()).isEqualTo(reason.name());
        assertThat(status.message()).contains(message);
    }
}
