package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.Run;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupLocationSpec.Limits;
import io.trustedlaunch.api.backup.BackupOrder;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.StoredBackupRunSpec.Action;
import io.trustedlaunch.operator.kube.ApiReader;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

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
     * @param name of the run
     * @param creation of the run
     */
    public <R> Optional<R> create(String name, BackupLocation location, Supplier<R> creation) {
        Optional<Integer> most =
                Optional.ofNullable(location.getSpec().limits()).map(Limits::parallelRuns);
        if (most.isEmpty()) {
            return Optional.of(creation.get());
        }
        synchronized (turn) {
            long others = running(location).filter(other -> !other.equals(name)).count();
            return others < most.get() ? Optional.of(creation.get()) : Optional.empty();
        }
    }

    /** The names of those that there are, as the API server has them: caches may be late. */
    private Stream<String> running(BackupLocation location) {
        Stream<StoredBackupRun> verifying = reader.storedBackupRuns(namespace).stream()
                .filter(run -> run.getSpec().action() == Action.Verify);
        return Stream.<Run<? extends BackupOrder, ?>>concat(reader.backupRuns(namespace).stream(), verifying)
                .filter(run -> run.phase() == RunPhase.Running)
                .filter(run -> run.getSpec()
                        .location()
                        .name()
                        .equals(location.getMetadata().getName()))
                .map(run -> run.getMetadata().getName());
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
