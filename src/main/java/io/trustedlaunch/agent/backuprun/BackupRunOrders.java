package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.order.OrderKind;
import io.trustedlaunch.agent.order.Slots;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.BackupRunStatus;
import io.trustedlaunch.api.BackupRunStatus.Phase;
import io.trustedlaunch.api.BackupRunStatusBuilder;
import io.trustedlaunch.api.Problem;
import java.time.InstantSource;
import java.util.Optional;

/** BackupRuns as orders: their status, and what the operator seals to them. */
abstract class BackupRunOrders implements OrderKind<BackupRun, BackupRunStatus> {
    private static final int WHOLE = 100;

    private final RunStatusWriter writer;
    private final InstantSource clock;

    BackupRunOrders(RunStatusWriter writer, InstantSource clock) {
        this.writer = writer;
        this.clock = clock;
    }

    static BackupRunStatus completed() {
        return BackupRunStatusBuilder.builder()
                .phase(Phase.Completed)
                .progressPercent(WHOLE)
                .build();
    }

    static BackupRunStatus failed(Problem problem) {
        return BackupRunStatusBuilder.builder()
                .phase(Phase.Failed)
                .reason(problem.reason().name())
                .message(problem.message())
                .build();
    }

    @Override
    public boolean awaits(BackupRun run) {
        return run.lacksUrlsAt(clock.instant());
    }

    @Override
    public String place(BackupRun run) {
        return Slots.place(run.getSpec().location());
    }

    @Override
    public Optional<BackupRunStatus> status(BackupRun run) {
        return Optional.ofNullable(run.getStatus());
    }

    @Override
    public boolean isFinal(BackupRunStatus status) {
        return status.phase() != Phase.Running;
    }

    @Override
    public Optional<Integer> percent(BackupRunStatus status) {
        return Optional.ofNullable(status.progressPercent());
    }

    @Override
    public BackupRunStatus running(int percent) {
        return BackupRunStatusBuilder.builder()
                .phase(Phase.Running)
                .progressPercent(percent)
                .build();
    }

    @Override
    public BackupRunStatus waiting(Problem problem) {
        return BackupRunStatusBuilder.builder()
                .phase(Phase.Running)
                .reason(problem.reason().name())
                .message(problem.message())
                .build();
    }

    @Override
    public BackupRunStatus failure(Problem problem) {
        return failed(problem);
    }

    @Override
    public String summary(BackupRunStatus status) {
        return status.message() == null ? status.phase().name() : status.phase() + ": " + status.message();
    }

    @Override
    public BackupRun write(BackupRun run, BackupRunStatus status) {
        return writer.write(run, status);
    }
}
