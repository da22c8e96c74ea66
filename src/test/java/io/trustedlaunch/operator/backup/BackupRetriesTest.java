package io.trustedlaunch.operator.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.BackupRunStatus;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupStatus;
import io.trustedlaunch.controller.StaleViewException;
import io.trustedlaunch.operator.quota.CountedBackups;
import io.trustedlaunch.testkit.BackupLocations;
import io.trustedlaunch.testkit.Quotas;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attempts one after the other, over an API server in memory. */
class BackupRetriesTest extends BackupPasses {
    /** Runs that the agent works on, or has left files of. */
    private final Set<String> made = new HashSet<>();

    private final Set<String> created = new HashSet<>();
    private int reported;

    @BeforeEach
    void tryAgain() {
        server.put(Backups.within(Backups.backup("payroll-1", Backups.UID, Backups.CREATED)));
    }

    @Test
    void aBackupThatFailedIsMadeByAnotherRunOnceTheFirstIsGone() {
        pass();
        String first = status().backupUID();
        report(failed());
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Pending);
        now = now.plus(Duration.ofMinutes(2));
        pass();
        assertThat(run().orElseThrow().getMetadata().getUid()).as("still there").isEqualTo(first);
        removeRuns();
        pass();
        String second = run().orElseThrow().getMetadata().getUid();
        assertThat(second).as("names another folder").isNotEqualTo(first).isEqualTo(status().backupUID());
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Running);
        removeRuns();
        assertThat(run()).isPresent();
        report(Backups.reports(Backups.full()));
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Completed);
        assertThat(status().backupUID()).isEqualTo(second);
        assertThat(status().retry().failedAttempts()).as("it can be seen").isEqualTo(1);
    }

    @Test
    void anAttemptBeginsAfterItsPause() {
        pass();
        report(failed());
        pass();
        removeRuns();
        pass();
        assertThat(run()).isEmpty();
        now = now.plus(Duration.ofSeconds(61));
        pass();
        assertThat(run()).isPresent();
    }

    @Test
    void whatAnAttemptHasLeftInABucketIsRemovedBeforeTheNext() {
        server.put(Backups.location(List.of()));
        var bucket = Backups.location(List.of());
        bucket.setSpec(BackupLocations.bucket(Backups.BUCKET));
        server.put(bucket);
        pass();
        String first = status().backupUID();
        report(failed());
        pass();
        removeRuns();
        assertThat(run()).isEmpty();
        assertThat(grants.removed).containsExactly(first);
    }

    @Test
    void theQuotaCountsOneBackupAndKeepsItsPlace() {
        server.put(Quotas.quota("few", hard -> hard.backups(1L)));
        pass();
        report(failed());
        pass();
        removeRuns();
        VMBackup other = Backups.backup("payroll-2", Backups.BASE, "2026-01-01T11:59:30Z");
        server.put(other);
        assertThat(CountedBackups.counts(backup())).isTrue();

        now = now.plus(Duration.ofMinutes(2));
        pass();
        assertThat(status().phase()).isEqualTo(VMBackupStatus.Phase.Running);
    }

    static List<Long> seeds() {
        return new Random(7).longs(120).boxed().toList();
    }

    /** Whatever the operator's caches know, whenever it dies, however slow the agent is. */
    @ParameterizedTest
    @MethodSource("seeds")
    void noTwoAttemptsAreMadeAtATime(long seed) {
        Random random = new Random(seed);
        cache = server.snapshot();
        Map<String, BackupRun> seenByAgent = new HashMap<>();
        Instant end = Instant.parse("2026-01-01T20:00:00Z");
        boolean succeeds = random.nextBoolean();
        while (!backup().hasEnded() && now.isBefore(end)) {
            switch (random.nextInt(9)) {
                case 0 -> cache = server.snapshot();
                case 1 -> {
                    Class<?> late = random.nextBoolean() ? VMBackup.class : BackupRun.class;
                    cache.catchUp(server, kind -> kind != late);
                }
                case 2, 3 -> operator(random, this::pass);
                case 4 -> operator(random, this::removeCached);
                case 5 -> look(seenByAgent);
                case 6 -> work(random, seenByAgent, succeeds);
                case 7 -> move(random);
                default -> now = now.plusSeconds(random.nextInt(300));
            }
            checkNewRun();
        }
        for (int round = 0; round < 50 && !backup().hasEnded(); round++) {
            cache = server.snapshot();
            look(seenByAgent);
            work(random, seenByAgent, succeeds);
            cache = server.snapshot();
            pass();
        }
        assertThat(backup().hasEnded()).isTrue();
        int counted = backup().retry().map(VMBackupStatus.Retry::failedAttempts).orElse(0);
        if (status().phase() == VMBackupStatus.Phase.Completed) {
            assertThat(counted).isEqualTo(created.size() - 1);
        } else {
            assertThat(counted).isBetween(reported - 1, created.size());
        }
    }

    /** The guest goes to another node, and perhaps back; what the agent of the first does about it takes its time. */
    private void move(Random random) {
        if (random.nextInt(4) == 0) {
            server.put(Backups.vm(status -> status.nodeName(random.nextBoolean() ? "host-b" : Backups.NODE)));
        }
    }

    private void operator(Random random, Runnable step) {
        writesUntilDeath = random.nextInt(4) == 0 ? random.nextInt(3) : Integer.MAX_VALUE;
        try {
            step.run();
        } catch (StaleViewException e) {
            // It reconciles again.
        } catch (Died e) {
            // The next process lists everything.
            cache = server.snapshot();
        } finally {
            writesUntilDeath = Integer.MAX_VALUE;
        }
    }

    /** As the watch has them. */
    private void removeCached() {
        BackupRunReconciler reconciler = new BackupRunReconciler(Backups.OPERATOR, reader(), writer(), grants);
        cache.all(BackupRun.class).forEach(run -> reconciler.over(run, cache.find(VMBackup.class, "payroll-1")));
    }

    /** The agent's watch delivers what there is; it begins a run that has not begun, and ends one that is gone. */
    private void look(Map<String, BackupRun> seen) {
        seen.clear();
        run().ifPresent(run -> seen.put(run.getMetadata().getUid(), run));
    }

    private void work(Random random, Map<String, BackupRun> seen, boolean succeeds) {
        // What is left of runs that are gone is ended before anything is begun, in the VM's one queue.
        made.removeIf(uid -> !seen.containsKey(uid));
        for (BackupRun run : List.copyOf(seen.values())) {
            String uid = run.getMetadata().getUid();
            if (run.phase() != RunPhase.Running) {
                continue;
            }
            if (made.add(uid) || random.nextInt(3) > 0) {
                continue;
            }
            made.remove(uid);
            boolean completes = succeeds && random.nextInt(4) == 0;
            run().filter(there -> there.getMetadata().getUid().equals(uid)).ifPresent(there -> {
                reported++;
                report(completes ? Backups.reports(Backups.full()) : failed());
                look(seen);
            });
        }
    }

    private void checkNewRun() {
        Optional<String> run = run().map(there -> there.getMetadata().getUid());
        if (run.isPresent() && created.add(run.get())) {
            assertThat(made).as("when another attempt begins").isEmpty();
        }
    }

    private static BackupRunStatus failed() {
        return new BackupRunStatus(RunPhase.Failed, null, null, Reason.GuestNotHere.name(), "not yet");
    }
}
