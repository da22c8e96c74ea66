package io.trustedlaunch.agent.restorerun;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.kube.OwnWrites;
import io.trustedlaunch.agent.run.RunSlots;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RestoreRun;
import io.trustedlaunch.api.RestoreRunStatus;
import io.trustedlaunch.api.RestoreRunStatus.Phase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the restores of one VM as far as they go now. Never runs twice at once for a VM. A restore fails only while the VM's
 * files are as they were: later, it is tried until it is complete.
 */
final class RestorePass {
    private static final Logger LOG = LoggerFactory.getLogger(RestorePass.class);

    private static final int STEP_PERCENT = 25;

    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(10);

    private final RestoreWiring wiring;
    private final OwnWrites<RestoreRun> written = new OwnWrites<>();
    private final RunSlots slots = new RunSlots();
    private volatile boolean stopping;

    RestorePass(RestoreWiring wiring) {
        this.wiring = wiring;
    }

    /** Breaks off what is being made; nothing is reported of it. */
    void stop() {
        stopping = true;
    }

    /**
     * Returns the time until the next pass; empty: at the next change.
     *
     * @param wanted the VM's runs on this node, as they are known when it is called
     */
    Optional<Duration> run(Supplier<List<RestoreRun>> wanted) {
        for (RestoreRun run : wanted.get()) {
            if (stopping) {
                return Optional.empty();
            }
            if (isOpen(run)) {
                if (!slots.take(run.getSpec().location())) {
                    return Optional.of(RunSlots.UNTIL_ONE_IS_FREE);
                }
                try {
                    if (!ends(run, () -> problem(run, wanted))) {
                        return Optional.of(AFTER_A_FAILURE);
                    }
                } finally {
                    slots.free(run.getSpec().location());
                }
            }
        }
        return Optional.empty();
    }

    private boolean isOpen(RestoreRun run) {
        return status(run).map(status -> status.phase() == Phase.Running).orElse(true);
    }

    private Optional<RestoreRunStatus> status(RestoreRun run) {
        return Optional.ofNullable(written.latest(run).getStatus());
    }

    /** Why the files need not be made any more. */
    private Optional<Problem> problem(RestoreRun run, Supplier<List<RestoreRun>> wanted) {
        String uid = run.getMetadata().getUid();
        boolean isThere = wanted.get().stream()
                .anyMatch(found -> found.getMetadata().getUid().equals(uid) && !found.isMarkedForDeletion());
        return stopping || !isThere
                ? Optional.of(new Problem(Reason.AgentRestarted, "the restore was broken off"))
                : Optional.empty();
    }

    /** Returns true if it has ended, and its end is reported. */
    private boolean ends(RestoreRun run, Supplier<Optional<Problem>> brokenOff) {
        String name = run.getMetadata().getName();
        VmRestore restore = new VmRestore(wiring, run, brokenOff, percent -> progress(run, percent));
        try {
            report(run, new RestoreRunStatus(Phase.Running, null, null));
            restore.resume();
            if (!restore.isDone()) {
                Optional<Problem> failed = made(restore);
                if (failed.isPresent()) {
                    restore.discard();
                    return brokenOff.get().isPresent() || ended(run, Phase.Failed, failed);
                }
            }
            return ended(run, Phase.Completed, Optional.empty());
        } catch (KubernetesClientException e) {
            LOG.warn("{}: the API server did not accept its status: {}", name, e.getMessage());
        } catch (VmRestore.LaterException | RefusedException | IOException | UncheckedIOException e) {
            Problem problem = RestoreProblems.of(e);
            LOG.warn("{}: it is tried again: {}", name, problem.message());
            reportQuietly(
                    run, new RestoreRunStatus(Phase.Running, problem.reason().name(), problem.message()));
        }
        return false;
    }

    /** Returns why it was not; what fails after the commit is thrown. */
    private Optional<Problem> made(VmRestore restore) throws IOException {
        try {
            restore.make();
            return Optional.empty();
        } catch (VmRestore.LaterException e) {
            throw e;
        } catch (RuntimeException | IOException e) {
            if (restore.isCommitted()) {
                throw e;
            }
            LOG.debug("a restore failed", e);
            return Optional.of(RestoreProblems.of(e));
        }
    }

    private boolean ended(RestoreRun run, Phase phase, Optional<Problem> problem) {
        report(
                run,
                new RestoreRunStatus(
                        phase,
                        problem.map(why -> why.reason().name()).orElse(null),
                        problem.map(Problem::message).orElse(null)));
        LOG.info(
                "VM {}: restore from backup {}: {}{}",
                run.getSpec().vmRef().uid(),
                run.getSpec().backup().uid(),
                phase,
                problem.map(why -> ": " + why.message()).orElse(""));
        return true;
    }

    /** In a few steps: each is a write, which the operator repeats in the VM. It goes on without an API server. */
    private void progress(RestoreRun run, int percent) {
        int step = percent / STEP_PERCENT * STEP_PERCENT;
        int last = status(run).map(RestoreRunStatus::progressPercent).orElse(0);
        if (step > last) {
            reportQuietly(run, new RestoreRunStatus(Phase.Running, null, null, step));
        }
    }

    private void reportQuietly(RestoreRun run, RestoreRunStatus status) {
        try {
            report(run, status);
        } catch (KubernetesClientException e) {
            LOG.debug("{}: {}", run.getMetadata().getName(), e.getMessage());
        }
    }

    private void report(RestoreRun run, RestoreRunStatus status) {
        if (!status(run).equals(Optional.of(status))) {
            RestoreRun latest = written.latest(run);
            written.wrote(latest, wiring.writer().write(latest, status));
        }
    }
}
