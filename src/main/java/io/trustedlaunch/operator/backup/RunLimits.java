package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.BackupAction;
import io.trustedlaunch.api.BackupLocation;
import io.trustedlaunch.api.BackupLocationSpec.Limits;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.BackupRunStatus;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.operator.kube.ApiReader;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Has runs that make and verify backups created, no more at a time in a location than it says. All controllers share one, and
 * one operator leads.
 */
public final class RunLimits {
    private final String namespace;
    private final ApiReader reader;
    private final Object turn = new Object();

    /** @param namespace the operator's own, where runs are */
    public RunLimits(String namespace, ApiReader reader) {
        this.namespace = namespace;
        this.reader = reader;
    }

    /**
     * Returns what was created; empty if the location has as many as it takes.
     *
     * @param creation of the run
     */
    public Optional<BackupRun> create(BackupRun run, BackupLocation location, Supplier<BackupRun> creation) {
        Optional<Integer> most =
                Optional.ofNullable(location.getSpec().limits()).map(Limits::parallelRuns);
        if (most.isEmpty() || run.getSpec().action() == BackupAction.Remove) {
            return Optional.of(creation.get());
        }
        synchronized (turn) {
            // As the API server has them: caches may be late.
            long others = reader.backupRuns(namespace).stream()
                    .filter(other -> !other.getMetadata()
                            .getName()
                            .equals(run.getMetadata().getName()))
                    .filter(other -> other.getSpec()
                            .location()
                            .name()
                            .equals(location.getMetadata().getName()))
                    .filter(RunLimits::counts)
                    .count();
            return others < most.get() ? Optional.of(creation.get()) : Optional.empty();
        }
    }

    private static boolean counts(BackupRun run) {
        return run.getSpec().action() != BackupAction.Remove
                && (run.getStatus() == null
                        || run.getStatus().phase() == null
                        || run.getStatus().phase() == BackupRunStatus.Phase.Running);
    }

    public static Problem reached(BackupLocation location) {
        int most = location.getSpec().limits().parallelRuns();
        return new Problem(
                Reason.BackupPending,
                "BackupLocation " + location.getMetadata().getName() + " takes " + most
                        + (most == 1 ? " run" : " runs")
                        + " at a time (spec.limits.parallelRuns), and has that many; it begins after one of them");
    }
}
