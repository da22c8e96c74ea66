package io.trustedlaunch.agent.backuprun;

import static io.trustedlaunch.agent.backuprun.BackupWorld.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.testkit.BackupLocations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose location is a bucket. */
class BucketRunTest {
    private static final class Died extends Error {
        private static final long serialVersionUID = 1L;
    }

    @TempDir
    private Path root;

    private BackupWorld world;

    @BeforeEach
    void startAGuest() throws IOException {
        world = new BackupWorld(root);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private BackupRunStatus backUpInBucket(String expirationTime) {
        return world.backUp(spec -> spec.location(BackupLocations.bucketRef("s3", "https://s3.example/vms"))
                .envelope(expirationTime == null ? null : new BackupRunSpec.Envelope("sealed", expirationTime)));
    }

    @Test
    void aRunInABucketWaitsForWhatItMayAsk() throws IOException {
        assertThat(backUpInBucket(null)).isNull();
        assertThat(backUpInBucket(world.now.plusSeconds(30).toString()))
                .as("expired")
                .isNull();
        assertThat(world.written).isEmpty();
        world.runs.clear();

        backUpInBucket("2026-03-02T12:00:00Z");

        assertThat(world.runs.getLast().getStatus().phase()).isEqualTo(RunPhase.Completed);
        assertThat(world.findings(world.runs.getLast())).isEmpty();
    }

    /** The operator does: a node may only write there. */
    @Test
    void aFailedRunRemovesNothingFromABucket() throws IOException {
        world.at = point -> {
            if (point == Failpoint.BACKUP_UPLOADED) {
                throw new IllegalStateException("as if it had failed");
            }
        };

        backUpInBucket("2026-03-02T12:00:00Z");

        BackupRun run = world.runs.getLast();
        assertThat(run.getStatus().phase()).isEqualTo(RunPhase.Failed);
        assertThat(world.bucket.backups(VM))
                .containsExactly(
                        new BackupStore.Listed(UUID.fromString(run.getMetadata().getUid()), BackupStore.State.OPEN));
        assertThat(world.staged()).isEmpty();
        assertThat(world.records.all()).isEmpty();
    }

    @Test
    void whatOnlyTheBucketKnowsIsAskedWithTheRunsOwnEnvelope() throws IOException {
        AtomicBoolean dead = new AtomicBoolean();
        world.at = point -> {
            if (point == Failpoint.BACKUP_COMMITTED && dead.compareAndSet(false, true)) {
                throw new Died();
            }
        };
        assertThatThrownBy(() -> backUpInBucket("2026-03-02T12:00:00Z")).isInstanceOf(Died.class);
        world.startAgent();
        world.pass();

        assertThat(world.runs.getLast().getStatus().phase()).isEqualTo(RunPhase.Completed);
        assertThat(world.staged()).isEmpty();
        assertThat(world.records.all()).isEmpty();
    }
}
