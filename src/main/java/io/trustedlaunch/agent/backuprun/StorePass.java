package io.trustedlaunch.agent.backuprun;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.run.ReadMeter;
import io.trustedlaunch.agent.run.RunSlots;
import io.trustedlaunch.api.BackupAction;
import io.trustedlaunch.api.BackupRun;
import io.trustedlaunch.api.BackupRunStatus;
import io.trustedlaunch.api.BackupRunStatus.Phase;
import io.trustedlaunch.api.BackupRunStatusBuilder;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.BackupVerification;
import io.trustedlaunch.backup.Finding;
import io.trustedlaunch.backup.ReadProgress;
import io.trustedlaunch.failpoint.Failpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the runs that remove or verify backups of one VM. They need neither guest nor key, and each is repeated from its
 * beginning after a death, so nothing of them is on record here. Never runs twice at once for a VM.
 */
final class StorePass {
    private static final Logger LOG = LoggerFactory.getLogger(StorePass.class);

    private static final Duration UNTIL_SYNCED = Duration.ofSeconds(1);
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(10);

    private final BackupWiring wiring;
    private final RunStatusReporter reporter;
    private final RunSlots slots = new RunSlots();
    private volatile boolean stopping;

    StorePass(BackupWiring wiring, RunStatusWriter writer) {
        this.wiring = wiring;
        this.reporter = new RunStatusReporter(writer, wiring.clock());
    }

    /** What is under way ends soon, and is not reported: the next agent begins it anew. */
    void stop() {
        stopping = true;
    }

    /**
     * Returns the time until the next pass; empty: at the next change.
     *
     * @param wanted the VM's runs on this node, as they are known when it is called; empty: not known yet
     */
    Optional<Duration> run(UUID vm, Supplier<Optional<List<BackupRun>>> wanted) {
        Optional<List<BackupRun>> runs = wanted.get();
        if (runs.isEmpty()) {
            return Optional.of(UNTIL_SYNCED);
        }
        try {
            for (BackupRun run : runs.get()) {
                if (run.getSpec().action() != BackupAction.Backup
                        && !awaitsEnvelope(run)
                        && !hasEnded(run)
                        && isWanted(run, wanted)) {
                    if (!slots.take(run.getSpec().location())) {
                        return Optional.of(RunSlots.UNTIL_ONE_IS_FREE);
                    }
                    try {
                        carryOut(vm, run, wanted);
                    } finally {
                        slots.free(run.getSpec().location());
                    }
                }
            }
            return Optional.empty();
        } catch (KubernetesClientException e) {
            LOG.warn("VM {}: the API server did not accept the status of a backup run: {}", vm, e.getMessage());
            return Optional.of(AFTER_A_FAILURE);
        }
    }

    /** The operator seals it, and that wakes the run. */
    private static boolean awaitsEnvelope(BackupRun run) {
        return run.getSpec().location().s3() != null && run.getSpec().envelope() == null;
    }

    private boolean hasEnded(BackupRun run) {
        return reporter.known(run)
                .map(BackupRunStatus::phase)
                .filter(phase -> phase != Phase.Running)
                .isPresent();
    }

    private void carryOut(UUID vm, BackupRun run, Supplier<Optional<List<BackupRun>>> wanted) {
        reporter.progress(run, 0);
        BackupRunStatus status;
        try {
            status = status(run, wanted);
        } catch (RefusedException e) {
            if (stopping || e.reason() == Reason.AgentRestarted || !isWanted(run, wanted)) {
                return;
            }
            status = RunEnd.failed(new Problem(e.reason(), e.getMessage()));
        } catch (IOException e) {
            status = RunEnd.failed(new Problem(Reason.BackupLocationUnavailable, e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("{}: unexpected error", run.getMetadata().getName(), e);
            status = RunEnd.failed(new Problem(
                    Reason.AgentFault, "the agent failed with an unexpected error; see its log on this node"));
        }
        LOG.info(
                "VM {}: {} of backup {} {}{}",
                vm,
                run.getSpec().action(),
                run.getSpec().target().uid(),
                status.phase(),
                status.message() == null ? "" : ": " + status.message());
        reporter.end(run, status);
    }

    private BackupRunStatus status(BackupRun run, Supplier<Optional<List<BackupRun>>> wanted) throws IOException {
        BackupId id = new BackupId(
                UUID.fromString(run.getSpec().vmRef().uid()),
                UUID.fromString(run.getSpec().target().uid()));
        BackupStore store = wiring.store(run);
        ReadMeter meter = new ReadMeter(wiring.clock());
        Callable<BackupRunStatus> work = run.getSpec().action() == BackupAction.Remove
                ? () -> remove(store, id)
                : () -> verify(store, new BackupRef(id, run.getSpec().target().indexSHA256()), meter);
        return wiring.watched().run("store-" + id.vm(), work, () -> ended(run, wanted, meter), () -> {});
    }

    private Optional<Problem> ended(BackupRun run, Supplier<Optional<List<BackupRun>>> wanted, ReadMeter meter) {
        if (stopping) {
            return Optional.of(Problems.INTERRUPTED);
        }
        if (!isWanted(run, wanted)) {
            return Optional.of(new Problem(Reason.BackupCancelled, "it is not wanted any more"));
        }
        reporter.progress(run, meter.percent());
        return meter.silence(run.getSpec().location().place());
    }

    /** The index first: what has one counts as whole. */
    private BackupRunStatus remove(BackupStore store, BackupId id) throws BackupStoreException {
        requireMounted(store.vms().isEmpty(), "any VM");
        store.removeIndex(id);
        wiring.failpoints().reached(Failpoint.REMOVAL_INDEX_REMOVED);
        store.removeFiles(id);
        wiring.failpoints().reached(Failpoint.REMOVAL_FILES_REMOVED);
        return completed();
    }

    private BackupRunStatus verify(BackupStore store, BackupRef ref, ReadProgress progress)
            throws BackupStoreException {
        requireMounted(store.backups(ref.id().vm()).isEmpty(), "VM " + ref.id().vm());
        BackupVerification.Report report = new BackupVerification(store, progress).verify(ref);
        return report.whole() ? completed() : RunEnd.failed(problem(report.findings()));
    }

    /** An empty folder is more likely one whose file system is not mounted, than one from which all backups were removed. */
    private static void requireMounted(boolean empty, String what) {
        if (empty) {
            throw new RefusedException(
                    Reason.BackupLocationUnavailable,
                    "the backup location has nothing of " + what + " on this node: check that it is mounted");
        }
    }

    private static Problem problem(List<Finding> findings) {
        Finding first = findings.getFirst();
        return first.fault() == BackupFault.UNSUPPORTED_FORMAT
                ? new Problem(Reason.AgentFault, first.message() + "; upgrade the agent")
                : new Problem(
                        Reason.BackupDamaged,
                        first.message() + (findings.size() > 1 ? "; and " + (findings.size() - 1) + " more" : ""));
    }

    private static BackupRunStatus completed() {
        return BackupRunStatusBuilder.builder()
                .phase(Phase.Completed)
                .progressPercent(100)
                .build();
    }

    /** Also while nothing is known. */
    private static boolean isWanted(BackupRun run, Supplier<Optional<List<BackupRun>>> wanted) {
        return wanted.get()
                .map(runs -> runs.stream()
                        .filter(found -> found.getMetadata()
                                .getUid()
                                .equals(run.getMetadata().getUid()))
                        .anyMatch(found -> !found.isMarkedForDeletion()))
                .orElse(true);
    }
}
