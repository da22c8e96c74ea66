package io.trustedlaunch.agent.backuprun;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.hypervisor.DomainState;
import io.trustedlaunch.agent.run.FreeSpaceGuard;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocationSpec.S3;
import io.trustedlaunch.api.backup.BackupLocationSpecS3Builder;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.s3.Retries;
import io.trustedlaunch.backup.s3.S3Store;
import io.trustedlaunch.backup.s3.account.AccountAccess;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Blocked;
import io.trustedlaunch.testkit.S3Server;
import io.trustedlaunch.testkit.TcpProxy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs whose bucket, on a real S3 server, goes away while they send. */
class BucketRunIT {
    @TempDir
    private Path root;

    private S3Server server;
    private BackupWorld world;
    private AccountAccess access;

    @BeforeEach
    void startAGuestAndAServer() throws Exception {
        server = new S3Server(root);
        world = new BackupWorld(root);
        S3 location = server.location("vms", "lab");
        access = new AccountAccess(location, S3Server.ACCOUNT, Duration.ofHours(1), Clock.systemUTC());
        // Before the disks are saved, and the guest runs on.
        world.at = point -> {
            if (point == Failpoint.BACKUP_TAKEN) {
                server.stop();
            }
        };
    }

    @AfterEach
    void end() {
        world.close();
        server.close();
    }

    /** In no time: each pause only moves the clock, and does what the test wants. */
    private void pausing(Runnable pause) throws IOException {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        world.bucket = new S3Store(
                access,
                BackupLocations.ID,
                new Retries(Duration.ofMinutes(5), now::get, time -> {
                    now.updateAndGet(before -> before.plus(time));
                    pause.run();
                }),
                root);
    }

    private BackupRunStatus backUp() {
        return world.backUp(spec -> spec.location(BackupLocations.bucketRef("s3", "https://s3.example/vms"))
                .envelope(new BackupRunSpec.Envelope("sealed", "2026-03-02T12:00:00Z")));
    }

    private void restart() {
        try {
            server.start();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The guest runs, and nothing of the run is left on its node. */
    private void assertUntouched() throws IOException {
        assertThat(world.hypervisor.find(BackupWorld.VM).orElseThrow().state()).isEqualTo(new DomainState.Running());
        assertThat(world.staged()).isEmpty();
        assertThat(world.records.all()).isEmpty();
    }

    @Test
    void aServerThatComesBackGetsTheBackup() throws IOException {
        pausing(this::restart);
        assertThat(backUp().phase()).isEqualTo(RunPhase.Completed);
        BackupRun run = world.runs.getLast();
        BackupId id =
                new BackupId(BackupWorld.VM, UUID.fromString(run.getMetadata().getUid()));
        assertThat(new BackupVerification(new S3Store(access, BackupLocations.ID), bytes -> {})
                        .verify(new BackupRef(id, run.getStatus().result().indexSHA256()))
                        .findings())
                .isEmpty();
        assertUntouched();
    }

    @Test
    void oneThatStaysAwayFailsTheRunWithItsReason() throws IOException {
        pausing(() -> {});
        BackupRunStatus status = backUp();
        assertThat(status.phase()).isEqualTo(RunPhase.Failed);
        assertThat(status.reason()).isEqualTo(Reason.BackupLocationUnavailable.name());
        assertThat(status.message()).contains("cannot reach " + server.endpoint());
        assertUntouched();

        restart();
        world.at = point -> {};
        assertThat(backUp().phase()).as("the next one").isEqualTo(RunPhase.Completed);
    }

    /** What the guest overwrites meanwhile is kept in a storage location that guests need. */
    @Test
    void theRunEndsWhileTheServerIsAwayIfGuestsNeedTheRoom() throws IOException {
        pausing(() -> {
            world.free = FreeSpaceGuard.KEPT - 1;
            Blocked.untilInterrupted();
        });
        BackupRunStatus status = backUp();
        assertThat(status.reason()).isEqualTo(Reason.NoSpace.name());
        assertThat(status.message()).contains("which its guests need");
        assertUntouched();
    }

    /** It is up, and answers nothing, or takes a few bytes a second: only a limit of our own finds that out. */
    @ParameterizedTest
    @EnumSource(names = {"NOTHING", "FEW"})
    void oneThatIsTooSlowIsAway(TcpProxy.Pace pace) throws IOException {
        try (TcpProxy proxy = new TcpProxy(server.port())) {
            atTheCopy(() -> proxy.set(pace));
            throughA(proxy, Duration.ofSeconds(1), Duration.ofSeconds(2), () -> {});
            BackupRunStatus status = backUp();
            assertThat(status.phase()).isEqualTo(RunPhase.Failed);
            assertThat(status.reason()).isEqualTo(Reason.BackupLocationUnavailable.name());
            assertThat(status.message()).contains("cannot reach https://localhost:" + proxy.port());
            assertUntouched();

            atTheCopy(() -> {});
            proxy.set(TcpProxy.Pace.ALL);
            // A busy machine may take more than a second for an answer.
            throughA(proxy, Duration.ofMinutes(1), Duration.ofMinutes(5), () -> {});
            assertThat(backUp().phase()).as("the next one").isEqualTo(RunPhase.Completed);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NOTHING", "FEW"})
    void oneThatWasTooSlowForAWhileGetsTheBackup(TcpProxy.Pace pace) throws IOException {
        try (TcpProxy proxy = new TcpProxy(server.port())) {
            atTheCopy(() -> proxy.set(pace));
            throughA(proxy, Duration.ofSeconds(3), Duration.ofMinutes(5), () -> proxy.set(TcpProxy.Pace.ALL));
            assertThat(backUp().phase()).isEqualTo(RunPhase.Completed);
            assertUntouched();
        }
    }

    private void atTheCopy(Runnable then) {
        world.at = point -> {
            if (point == Failpoint.BACKUP_TAKEN) {
                then.run();
            }
        };
    }

    private void throughA(TcpProxy proxy, Duration patience, Duration limit, Runnable pause) throws IOException {
        S3 proxied = BackupLocationSpecS3Builder.builder(server.location("vms", "lab"))
                .endpoint("https://localhost:" + proxy.port())
                .build();
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        world.bucket = new S3Store(
                new AccountAccess(proxied, S3Server.ACCOUNT, Duration.ofHours(1), Clock.systemUTC()),
                BackupLocations.ID,
                new Retries(limit, now::get, time -> {
                    now.updateAndGet(before -> before.plus(time));
                    pause.run();
                }),
                patience,
                Optional.of(root));
    }
}
