package io.trustedlaunch.operator.backup;

import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.operator.kube.ApiReader;
import io.trustedlaunch.operator.quota.CountedBackups;
import io.trustedlaunch.operator.quota.QuotaFacts;
import io.trustedlaunch.operator.quota.QuotaLimit;
import io.trustedlaunch.operator.quota.QuotaLimits;
import io.trustedlaunch.operator.quota.Use;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Has no more backups begin in a namespace than its quotas permit. */
final class BackupQuotas {
    private final String namespace;
    private final QuotaLimits limits;
    private final Function<String, List<VMBackup>> backups;
    private final ApiReader reader;
    private final Runnable confirmLeadership;
    private final Object turn = new Object();

    /**
     * @param namespace the operator's own, where runs are
     * @param backups of a namespace, as the watch has them
     */
    BackupQuotas(
            String namespace,
            QuotaLimits limits,
            Function<String, List<VMBackup>> backups,
            ApiReader reader,
            Runnable confirmLeadership) {
        this.namespace = namespace;
        this.limits = limits;
        this.backups = backups;
        this.reader = reader;
        this.confirmLeadership = confirmLeadership;
    }

    /** Whether a backup may begin. */
    sealed interface Admission {
        /** @param created empty: it waits for something else */
        record Admitted(Optional<BackupRun> created) implements Admission {}

        record Refused(Problem why) implements Admission {}
    }

    /** Why the backup must not begin, by what is there now. */
    Optional<Problem> exceededBy(VMBackup backup) {
        String ofNamespace = backup.getMetadata().getNamespace();
        List<QuotaLimit> hard = limits.of(ofNamespace);
        return hard.stream().anyMatch(QuotaLimit::limitsBackups)
                ? new QuotaFacts(Use.NONE, Use.ofBackups(others(backup, ofNamespace)), false, hard)
                        .exceededBy(Use.ofBackups(1))
                : Optional.empty();
    }

    /** @param creation of its run */
    Admission create(VMBackup backup, Supplier<Optional<BackupRun>> creation) {
        if (limits.of(backup.getMetadata().getNamespace()).stream().noneMatch(QuotaLimit::limitsBackups)) {
            return new Admission.Admitted(creation.get());
        }
        synchronized (turn) {
            Optional<Problem> problem = exceededBy(backup);
            if (problem.isPresent()) {
                return new Admission.Refused(problem.get());
            }
            confirmLeadership.run();
            return new Admission.Admitted(creation.get());
        }
    }

    /** A run is read as the API server has it: the status of its VMBackup may be late. */
    private long others(VMBackup backup, String ofNamespace) {
        Stream<String> counted = backups.apply(ofNamespace).stream()
                .filter(CountedBackups::counts)
                .map(other -> other.getMetadata().getUid());
        Stream<String> begun = reader.backupRuns(namespace).stream()
                .filter(run -> run.getSpec().vmRef().namespace().equals(ofNamespace))
                .filter(run -> run.phase() != RunPhase.Failed)
                .map(run -> run.getSpec().backupRef().uid());
        return Stream.concat(counted, begun)
                .filter(uid -> !uid.equals(backup.getMetadata().getUid()))
                .collect(Collectors.toSet())
                .size();
    }
}
