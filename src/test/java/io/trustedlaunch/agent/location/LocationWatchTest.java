package io.trustedlaunch.agent.location;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.host.Accounts;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.location.PathFacts.Kind;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.node.ClusterNodeStatus.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real file system, without the thirty seconds between two probes. */
class LocationWatchTest {
    private static final Duration SOON = Duration.ofSeconds(15);

    @TempDir
    private Path root;

    private final List<LocationWatch> watches = new ArrayList<>();
    private final Semaphore changes = new Semaphore(0);
    private final List<Path> probed = new CopyOnWriteArrayList<>();
    private Path shared;
    private HypervisorAccount account;

    @BeforeEach
    void makeLocation() throws IOException {
        account = Accounts.ownerOf(root);
        shared = root.resolve("shared");
        account.makePassage(shared);
    }

    @AfterEach
    void close() {
        watches.forEach(LocationWatch::close);
    }

    @Test
    void othersLookIntoALocationAfterEachOfItsProbes() {
        watch("host-a", this::restricted).states(Map.of("csv", shared));

        await().atMost(SOON).until(() -> probed.size() >= 2);
        assertThat(probed).containsOnly(shared);
    }

    @Test
    void agentsSeeEachOtherInASharedFolderOnly() throws IOException {
        Path own = root.resolve("own");
        account.makePassage(own);
        LocationWatch a = watch("host-a", this::restricted);
        LocationWatch b = watch("host-b", this::restricted);

        assertThat(peers(a, shared)).isEmpty();
        assertThat(peers(b, shared)).isEmpty();
        await().atMost(SOON).until(() -> peers(a, shared).equals(List.of("host-b")));
        await().atMost(SOON).until(() -> peers(b, shared).equals(List.of("host-a")));
        assertThat(a.states(Map.of("csv", shared)).get("csv").peers().getFirst().token())
                .isEqualTo(b.states(Map.of("csv", shared)).get("csv").token().orElseThrow());
        assertThat(peers(a, own)).isEmpty();
    }

    @Test
    void theTokenOutlivesTheAgent() {
        String first = token(watch("host-a", this::restricted));
        watches.getFirst().close();

        assertThat(token(watch("host-a", this::restricted))).isEqualTo(first);
        assertThat(token(watch("host-b", this::restricted))).isNotEqualTo(first);
    }

    @Test
    void anUnsafeModeIsReportedAtOnce() throws IOException, InterruptedException {
        DiskPathInspector disk = new DiskPathInspector();
        LocationWatch watch = watch("host-a", path -> path.equals(shared) ? disk.inspect(path) : restricted(path));
        String before = reason(watch);
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxr-xr-x"));

        assertThat(changes.tryAcquire(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(reason(watch)).isNotEqualTo(before);
    }

    @Test
    void aHangingFileSystemBlocksItsOwnLocationOnly() {
        CountDownLatch never = new CountDownLatch(1);
        Path hanging = root.resolve("hanging");
        LocationWatch watch = watch("host-a", path -> {
            if (path.equals(hanging)) {
                awaitUninterrupted(never);
            }
            return restricted(path);
        });

        var states = watch.states(Map.of("csv", shared, "nfs", hanging));

        assertThat(states.get("csv").problem()).isEmpty();
        assertThat(states.get("nfs").problem().orElseThrow().reason()).isEqualTo(Reason.LocationUnreachable);
        never.countDown();
    }

    @Test
    void aBeaconIsReadWhenItIsAskedFor() throws IOException {
        LocationWatch a = watch("host-a", this::restricted);
        a.states(Map.of("csv", shared));
        BeaconFolder folder = new BeaconFolder(shared);

        folder.write(new Beacon("host-b", "ab".repeat(16), 1));
        assertThat(a.look(shared, "host-b")).isInstanceOf(Stillness.NotWatched.class);
        folder.write(new Beacon("host-b", "ab".repeat(16), 2));
        assertThat(a.look(shared, "host-b")).isInstanceOf(Stillness.Moving.class);
        assertThat(a.look(root, "host-b")).isInstanceOf(Stillness.Unreadable.class);
    }

    @Test
    void nobodyWaitsLongForABeaconInALocationThatHangs() {
        CountDownLatch never = new CountDownLatch(1);
        Path hanging = root.resolve("hanging");
        LocationWatch watch = watch("host-a", path -> {
            awaitUninterrupted(never);
            return restricted(path);
        });
        watch.states(Map.of("nfs", hanging));

        assertThat(watch.look(hanging, "host-b"))
                .isInstanceOfSatisfying(
                        Stillness.Unreadable.class,
                        unreadable -> assertThat(unreadable.message()).contains("does not respond"));
        never.countDown();
    }

    @Test
    void agentsThatShareAFolderSeeEachOthersLocksUntilOneDoesNotWatchItAnyMore() throws IOException {
        LocationWatch a = watch("host-a", this::restricted);
        LocationWatch b = watch("host-b", this::restricted);
        a.states(Map.of("csv", shared));
        b.states(Map.of("csv", shared));

        await().atMost(SOON).until(() -> locksSeen(a, shared).equals(List.of(true)));
        OpenFileLocks locks = new OpenFileLocks();
        Path lock = new BeaconFolder(shared).lockOf("host-b");
        assertThat(locks.isHeld(lock)).isTrue();

        b.states(Map.of());
        await().atMost(SOON).until(() -> !locks.isHeld(lock));
    }

    /** QEMU's locks would be of no use there either. */
    @Test
    void agentsReportThatAFolderKeepsTheLocksOfEachHost() throws IOException {
        Path a = root.resolve("as-on-a");
        Path b = root.resolve("as-on-b");
        try (TwoMounts hosts = TwoMounts.withoutLocks(shared, a, b)) {
            LocationWatch onA = watch("host-a", this::restricted);
            LocationWatch onB = watch("host-b", this::restricted);
            assertThat(peers(onA, a)).isEmpty();
            assertThat(peers(onB, b)).isEmpty();

            await().atMost(SOON).until(() -> locksSeen(onA, a).equals(List.of(false)));
            await().atMost(SOON).until(() -> locksSeen(onB, b).equals(List.of(false)));
            onA.close();
            onB.close();
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private LocationWatch watch(String node, PathInspector inspector) {
        LocationWatch watch = new LocationWatch(
                new LocationCheck(inspector, account, root.resolve("agents")),
                node,
                new LocationToken(root.resolve("token-" + node), new SecureRandom()),
                new OpenFileLocks(),
                System::nanoTime,
                InstantSource.system(),
                changes::release,
                probed::add,
                Duration.ofSeconds(2));
        watches.add(watch);
        return watch;
    }

    private List<String> peers(LocationWatch watch, Path location) {
        return watch.states(Map.of("csv", location)).get("csv").peers().stream()
                .map(Peer::nodeName)
                .toList();
    }

    private static List<Boolean> locksSeen(LocationWatch watch, Path location) {
        return watch.states(Map.of("csv", location)).get("csv").peers().stream()
                .map(Peer::lockSeen)
                .filter(Objects::nonNull)
                .toList();
    }

    private String token(LocationWatch watch) {
        return watch.states(Map.of("csv", shared)).get("csv").token().orElseThrow();
    }

    private String reason(LocationWatch watch) {
        return watch.states(Map.of("csv", shared))
                .get("csv")
                .problem()
                .map(Problem::message)
                .orElse("");
    }

    /** The tests need not run as root: access is not tested here. */
    private PathFacts restricted(Path path) {
        return PathFactsBuilder.builder()
                .path(path)
                .kind(Files.isDirectory(path) ? Kind.FOLDER : Kind.MISSING)
                .owner(account.administrator().getName())
                .group(account.group().getName())
                .mode(root.equals(path.getParent()) ? 0710 : 0711)
                .accessList(false)
                .build();
    }
}
