package io.trustedlaunch.agent.backuplocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.api.Api;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec.Folder;
import io.trustedlaunch.api.backup.BackupLocationSpecBuilder;
import io.trustedlaunch.api.backup.BackupLocationStatus;
import io.trustedlaunch.api.backup.MarkerOrder;
import io.trustedlaunch.api.node.ClusterNodeStatus.BackupFolder;
import io.trustedlaunch.backup.StoreMarker;
import io.trustedlaunch.backup.folder.FolderMarker;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupFolderWatchTest {
    private static final UUID ID = BackupLocations.ID;
    private static final UUID OTHER = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final Duration SHORT = Duration.ofSeconds(10);

    @TempDir
    private Path root;

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger changes = new AtomicInteger();
    private Instant now = Instant.parse("2026-01-01T12:00:00Z");
    private Path folder;
    private BackupFolderWatch watch;
    private BackupLocation location;

    @BeforeEach
    void aFolder() throws IOException {
        folder = Files.createDirectory(root.resolve("backups"));
        location = BackupLocations.named("nas", BackupLocations.folder(folder.toString(), List.of()));
        startAgent();
    }

    /** Also in place of one that has died. */
    private void startAgent() {
        watch = new BackupFolderWatch("host-a", nanos::get, () -> now, changes::incrementAndGet);
    }

    @AfterEach
    void stopAgent() {
        watch.close();
    }

    private List<BackupFolder> reports() {
        return watch.reports(List.of(location));
    }

    private BackupFolder awaitReport(Predicate<BackupFolder> expected) {
        return await().atMost(SHORT)
                .pollInterval(Duration.ofMillis(5))
                .until(this::reports, found -> found.size() == 1 && expected.test(found.getFirst()))
                .getFirst();
    }

    private BackupFolder awaitReason(Reason reason) {
        return awaitReport(found -> reason.name().equals(found.reason()));
    }

    private void aMinutePasses() {
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        now = now.plus(Duration.ofMinutes(1));
    }

    private void order(String node) {
        location.getMetadata()
                .setAnnotations(Map.of(Api.INITIALIZE, new MarkerOrder(now, ID.toString(), Optional.of(node)).text()));
    }

    @Test
    void aFolderWithoutAMarkerIsReportedAndStaysAsItIs() {
        BackupFolder found = awaitReason(Reason.MarkerMissing);
        assertThat(found.name()).isEqualTo("nas");
        assertThat(found.markerID()).isNull();
        assertThat(found.message())
                .startsWith("the folder " + folder + " has no marker (backup-location.json)")
                .contains("its file system is ");
        assertThat(folder).isEmptyDirectory();
        assertThat(changes).hasValue(1);
    }

    @Test
    void theMarkerThatIsThereIsReportedWhicheverStoreIsMeant() throws IOException {
        new FolderMarker(folder).make(OTHER);
        assertThat(awaitReport(found -> found.markerID() != null)).isEqualTo(BackupFolder.marked("nas", OTHER));
    }

    @Test
    void aMissingFolderIsNotMade() throws IOException {
        Files.delete(folder);
        order("host-a");
        assertThat(awaitReason(Reason.BackupLocationUnavailable).message()).contains(folder.toString(), "mounted");
        assertThat(folder).doesNotExist();
    }

    @Test
    void somethingElseInItsPlaceIsReported() throws IOException {
        Files.createSymbolicLink(folder.resolve(StoreMarker.NAME), root.resolve("elsewhere"));
        assertThat(awaitReason(Reason.MarkerRefused).message()).contains("it is a link");
    }

    @Test
    void onAPersonsOrderTheMarkerIsMade() throws IOException {
        awaitReason(Reason.MarkerMissing);
        order("host-b");
        aMinutePasses();
        awaitReason(Reason.MarkerMissing);
        order("host-a");
        awaitReport(found -> ID.toString().equals(found.markerID()));
        assertThat(new FolderMarker(folder).find()).contains(ID);
    }

    /** A second location on the folder of the first: its person is told which store is there. */
    @Test
    void anOrderReplacesNoMarker() throws IOException {
        new FolderMarker(folder).make(OTHER);
        order("host-a");
        assertThat(awaitReason(Reason.MarkerRefused).message()).contains("is store " + OTHER + " by its marker");
        aMinutePasses();
        assertThat(awaitReport(found -> found.markerID() != null).markerID()).isEqualTo(OTHER.toString());
    }

    /** The file system goes a moment after the marker was made, while the order still counts. */
    @Test
    void anOrderIsObeyedOnceSoThatNoneIsMadeInTheEmptyMountPoint() throws IOException {
        order("host-a");
        awaitReport(found -> found.markerID() != null);
        Path away = root.resolve("away");
        Files.move(folder, away);
        Files.createDirectory(folder);
        aMinutePasses();
        awaitReason(Reason.MarkerMissing);
        assertThat(folder).isEmptyDirectory();
        stopAgent();
        startAgent();
        location.setStatus(new BackupLocationStatus(1L, ID.toString(), null, List.of(), List.of()));
        awaitReason(Reason.MarkerMissing);
        assertThat(folder).as("another agent: the status says that it was seen").isEmptyDirectory();

        Files.delete(folder);
        Files.move(away, folder);
        aMinutePasses();
        awaitReport(found -> ID.toString().equals(found.markerID()));
    }

    @Test
    void anOldOrderIsNotObeyed() {
        order("host-a");
        now = now.plus(Duration.ofMinutes(11));
        awaitReason(Reason.MarkerMissing);
        aMinutePasses();
        awaitReason(Reason.MarkerMissing);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aLocationThatIsGoneIsReportedNoMoreAndOneWithAnotherFolderAnew() throws IOException {
        awaitReason(Reason.MarkerMissing);
        assertThat(watch.reports(List.of())).isEmpty();
        Path other = BackupLocations.mark(Files.createDirectory(root.resolve("other")));
        location.setSpec(BackupLocationSpecBuilder.builder(location.getSpec())
                .folder(new Folder(other.toString()))
                .build());
        awaitReport(found -> ID.toString().equals(found.markerID()));
    }

    @Test
    void betweenTwoLooksAMinutePasses() throws IOException {
        awaitReason(Reason.MarkerMissing);
        BackupLocations.mark(folder);
        assertThat(reports().getFirst().reason()).isEqualTo(Reason.MarkerMissing.name());
        aMinutePasses();
        awaitReport(found -> ID.toString().equals(found.markerID()));
        assertThat(changes).hasValue(2);
    }

    /** As of a file server that is away: neither the node's report nor the other folders wait for it. */
    @Test
    void aFolderThatDoesNotAnswerIsReportedAndHoldsUpNothing() throws Exception {
        CountDownLatch back = new CountDownLatch(1);
        AtomicInteger looks = new AtomicInteger();
        stopAgent();
        watch = new BackupFolderWatch(
                "host-a",
                (path, toMake) -> {
                    looks.incrementAndGet();
                    if (path.equals(folder)) {
                        await().atMost(SHORT).until(() -> back.getCount() == 0);
                    }
                    return Optional.of(ID);
                },
                nanos::get,
                () -> now,
                changes::incrementAndGet);
        BackupLocation sound = BackupLocations.named("sound", BackupLocations.folder("/sound", List.of()));
        await().atMost(SHORT)
                .until(() -> watch.reports(List.of(location, sound)).equals(List.of(BackupFolder.marked("sound", ID))));
        nanos.addAndGet(Duration.ofSeconds(11).toNanos());
        assertThat(watch.reports(List.of(location, sound)))
                .extracting(BackupFolder::message)
                .contains("the folder " + folder + " does not respond: restore its file server, or unmount it");
        aMinutePasses();
        aMinutePasses();
        watch.reports(List.of(location));
        assertThat(looks.get()).as("one at a time in it").isLessThanOrEqualTo(3);
        back.countDown();
        awaitReport(found -> ID.toString().equals(found.markerID()));
    }
}
