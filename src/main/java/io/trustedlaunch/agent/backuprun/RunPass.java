package io.trustedlaunch.agent.backuprun;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.backuprun.record.RunRecord;
import io.trustedlaunch.agent.backuprun.record.RunStep;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.run.RunSlots;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.BackupRunSpec;
import io.trustedlaunch.api.BackupRunStatus;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the runs of one VM as far as they go now, one after the other. Never runs twice at once for a VM. */
final class RunPass {
    private static final Logger LOG = LoggerFactory.getLogger(RunPass.class);

    private static final Duration UNTIL_SYNCED = Duration.ofSeconds(1);
    private static final Duration UNTIL_THAWED = Duration.ofSeconds(10);
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(10);

    private final BackupWiring wiring;
    private final RunStatusReporter reporter;
    private final RunEnd end;
    private final RunSlots slots = new RunSlots();
    private volatile boolean stopping;

    RunPass(BackupWiring wiring, RunStatusWriter writer) {
        this.wiring = wiring;
        this.reporter = new RunStatusReporter(writer, wiring.clock());
        this.end = new RunEnd(wiring);
    }

    /**
     * Returns the time until the next pass; empty: at the next change.
     *
     * @param wanted the VM's runs on this node, the oldest first, as they are known when it is called; empty: not known yet
     */
    Optional<Duration> run(UUID vm, Supplier<Optional<List<BackupRun>>> wanted) {
        try {
            return step(vm, wanted);
        } catch (KubernetesClientException e) {
            LOG.warn("VM {}: the API server did not accept the status of a backup run: {}", vm, e.getMessage());
        } catch (HypervisorException | UncheckedIOException | IOException e) {
            LOG.warn("VM {}: a backup run is not ended yet, and tried again: {}", vm, e.getMessage());
        }
        return Optional.of(AFTER_A_FAILURE);
    }

    /**
     * Ends the backups that are made, and begins no other. Without interrupting a thread: an interrupt may reach it late, in
     * the middle of what it does to end the run. Returns false if some have not ended in time.
     */
    boolean stop(Duration timeout) throws InterruptedException {
        stopping = true;
        return slots.close(timeout);
    }

    private Optional<Duration> step(UUID vm, Supplier<Optional<List<BackupRun>>> wanted) throws IOException {
        List<RunRecord> left = wiring.records().all().stream()
                .filter(record -> record.vm().equals(vm))
                .toList();
        end.thawLeft(vm);
        Optional<List<BackupRun>> runs = wanted.get();
        if (runs.isEmpty()) {
            // Without an API server as well: a migration would wait for the job.
            left.forEach(end::release);
            return Optional.of(UNTIL_SYNCED);
        }
        for (RunRecord record : left) {
            if (find(runs.get(), record.run()).isEmpty()) {
                end.end(record, Optional.empty());
                wiring.records().forget(record.run());
            }
        }
        for (BackupRun run : runs.get()) {
            if (isWanted(wanted, RunRecord.uid(run)) && isWaiting(run, wanted)) {
                return Optional.of(RunSlots.UNTIL_ONE_IS_FREE);
            }
        }
        return wiring.records().isFrozen(vm) ? Optional.of(UNTIL_THAWED) : Optional.empty();
    }

    /** Returns true if it is not its turn. */
    private boolean isWaiting(BackupRun run, Supplier<Optional<List<BackupRun>>> wanted) throws IOException {
        UUID uid = RunRecord.uid(run);
        Optional<BackupRunStatus.Phase> phase = reporter.known(run).map(BackupRunStatus::phase);
        switch (RunStep.next(phase, wiring.records().find(uid))) {
            case RunStep.Forget forget -> wiring.records().forget(uid);
            case RunStep.End(RunRecord record) -> end(run, record);
            case RunStep.EndLost lost -> end(run, recordOf(run));
            case RunStep.Begin begin -> {
                if (awaitsEnvelope(run)) {
                    // The operator seals it, and that wakes the run.
                    return false;
                }
                if (!slots.take(run.getSpec().location())) {
                    return true;
                }
                try {
                    make(run, wanted);
                } finally {
                    slots.free(run.getSpec().location());
                }
            }
        }
        return false;
    }

    private boolean awaitsEnvelope(BackupRun run) {
        BackupRunSpec.Envelope envelope = run.getSpec().envelope();
        return run.getSpec().location().s3() != null
                && (envelope == null || !wiring.clock().instant().isBefore(Instant.parse(envelope.expirationTime())));
    }

    private RunRecord recordOf(BackupRun run) {
        return RunRecord.of(run, wiring.guests().latest().apply(vm(run)));
    }

    private void make(BackupRun run, Supplier<Optional<List<BackupRun>>> wanted) throws IOException {
        UUID uid = RunRecord.uid(run);
        RunRecord record = recordOf(run);
        if (record.storage().isEmpty()) {
            end(run, record.withProblem(new Problem(Reason.GuestNotHere, "the VM does not run on this node")));
            return;
        }
        wiring.records().save(record);
        wiring.failpoints().reached(Failpoint.BACKUP_RECORDED);
        reporter.progress(run, 0);
        try {
            new BackupMaker(
                            wiring,
                            run,
                            record,
                            () -> cancellation(wanted, uid),
                            percent -> reporter.progress(run, percent))
                    .make();
        } catch (IOException | RuntimeException e) {
            Problem problem = problem(run, e);
            wiring.records().update(uid, known -> known.withProblem(problem));
        }
        end(run, wiring.records().require(uid));
    }

    private static Problem problem(BackupRun run, Exception failure) {
        Optional<Problem> problem = Problems.of(failure);
        if (problem.isEmpty()) {
            LOG.error("{}: unexpected error", run.getMetadata().getName(), failure);
        } else if (!(failure instanceof RefusedException)) {
            LOG.debug("{}: failed", run.getMetadata().getName(), failure);
        }
        return problem.orElse(
                new Problem(Reason.AgentFault, "the agent failed with an unexpected error; see its log on this node"));
    }

    private void end(BackupRun run, RunRecord record) throws IOException {
        BackupRunStatus status = end.end(record, Optional.of(run.getSpec()));
        wiring.failpoints().reached(Failpoint.BACKUP_CLEARED);
        LOG.info(
                "VM {}: backup {} {}{}",
                record.vm(),
                record.run(),
                status.phase(),
                status.message() == null ? "" : ": " + status.message());
        reporter.end(run, status);
        wiring.failpoints().reached(Failpoint.BACKUP_REPORTED);
        wiring.records().forget(record.run());
    }

    private Optional<Problem> cancellation(Supplier<Optional<List<BackupRun>>> wanted, UUID run) {
        if (stopping) {
            return Optional.of(Problems.INTERRUPTED);
        }
        return isWanted(wanted, run)
                ? Optional.empty()
                : Optional.of(new Problem(Reason.BackupCancelled, "the backup was deleted while it was made"));
    }

    /** Also while nothing is known. */
    private static boolean isWanted(Supplier<Optional<List<BackupRun>>> wanted, UUID run) {
        return wanted.get()
                .map(runs -> find(runs, run)
                        .filter(found -> !found.isMarkedForDeletion())
                        .isPresent())
                .orElse(true);
    }

    private static Optional<BackupRun> find(List<BackupRun> runs, UUID run) {
        return runs.stream().filter(each -> RunRecord.uid(each).equals(run)).findFirst();
    }

    private static UUID vm(BackupRun run) {
        return UUID.fromString(run.getSpec().vmRef().uid());
    }
}
