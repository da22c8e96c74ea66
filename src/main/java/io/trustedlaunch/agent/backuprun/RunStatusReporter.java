package io.trustedlaunch.agent.backuprun;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.kube.OwnWrites;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.BackupRunStatus;
import io.trustedlaunch.api.BackupRunStatus.Phase;
import io.trustedlaunch.api.BackupRunStatusBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports the status of runs. A final one is never changed, and progress seldom reported. */
final class RunStatusReporter {
    private static final Logger LOG = LoggerFactory.getLogger(RunStatusReporter.class);
    static final Duration INTERVAL = Duration.ofSeconds(10);

    /** A backup is to cost few writes, each of which the operator repeats in its VMBackup. */
    private static final int STEP_PERCENT = 25;

    private final RunStatusWriter writer;
    private final InstantSource clock;
    private final OwnWrites<BackupRun> written = new OwnWrites<>();
    /** By UID, when the last report was. */
    private final Map<String, Instant> reported = new ConcurrentHashMap<>();

    RunStatusReporter(RunStatusWriter writer, InstantSource clock) {
        this.writer = writer;
        this.clock = clock;
    }

    Optional<BackupRunStatus> known(BackupRun run) {
        return Optional.ofNullable(written.latest(run).getStatus());
    }

    /** The backup goes on without an API server. */
    void progress(BackupRun run, int percent) {
        int last = known(run).map(BackupRunStatus::progressPercent).orElse(-STEP_PERCENT);
        Instant due = Optional.ofNullable(reported.get(uid(run)))
                .map(at -> at.plus(INTERVAL))
                .orElse(Instant.MIN);
        if (percent < last + STEP_PERCENT || clock.instant().isBefore(due)) {
            return;
        }
        reported.put(uid(run), clock.instant());
        try {
            write(
                    run,
                    BackupRunStatusBuilder.builder()
                            .phase(Phase.Running)
                            .progressPercent(percent)
                            .build());
        } catch (KubernetesClientException e) {
            LOG.warn("{}: the progress was not reported: {}", run.getMetadata().getName(), e.getMessage());
        }
    }

    /** Returns when the API server has it. */
    void end(BackupRun run, BackupRunStatus status) {
        boolean isFinal =
                known(run).filter(known -> known.phase() != Phase.Running).isPresent();
        if (!isFinal) {
            write(run, status);
        }
        reported.remove(uid(run));
    }

    private void write(BackupRun run, BackupRunStatus status) {
        BackupRun latest = written.latest(run);
        written.wrote(latest, writer.write(latest, status));
    }

    private static String uid(BackupRun run) {
        return run.getMetadata().getUid();
    }
}
