package io.trustedlaunch.agent.restorerun;

import io.trustedlaunch.agent.order.Faults;
import io.trustedlaunch.agent.order.LaterException;
import io.trustedlaunch.agent.order.OrderKind;
import io.trustedlaunch.agent.order.Slots;
import io.trustedlaunch.agent.order.Task;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RestoreRun;
import io.trustedlaunch.api.RestoreRunStatus;
import io.trustedlaunch.api.RestoreRunStatus.Phase;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Restores of VMs. One fails only while the VM's files are as they were: later, it is tried until it is complete. */
final class RestoreOrders implements OrderKind<RestoreRun, RestoreRunStatus> {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreOrders.class);

    static final Faults FAULTS = new Faults(Reason.HypervisorUnavailable, Reason.HypervisorUnavailable, "");

    private final RestoreWiring wiring;

    RestoreOrders(RestoreWiring wiring) {
        this.wiring = wiring;
    }

    @Override
    public String describe(RestoreRun run) {
        return "VM " + run.getSpec().vmRef().uid() + ": restore from backup "
                + run.getSpec().backup().uid();
    }

    @Override
    public String place(RestoreRun run) {
        return Slots.place(run.getSpec().location());
    }

    @Override
    public RestoreRunStatus carryOut(RestoreRun run, Task task) throws IOException {
        task.progress(0);
        VmRestore restore = new VmRestore(wiring, run, task::brokenOff, task::progress);
        resume(restore, run);
        if (!restore.isDone()) {
            restore.make();
        }
        return new RestoreRunStatus(Phase.Completed, null, null);
    }

    /** What is committed is not given up. */
    private static void resume(VmRestore restore, RestoreRun run) {
        try {
            restore.resume();
        } catch (LaterException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new LaterException(FAULTS.of(e, LOG, run.getMetadata().getName()));
        }
    }

    @Override
    public Optional<RestoreRunStatus> failed(RestoreRun run, Problem problem, boolean brokenOff) throws IOException {
        VmRestore restore = new VmRestore(wiring, run, Optional::empty, percent -> {});
        if (restore.isCommitted()) {
            throw new LaterException(problem);
        }
        restore.discard();
        return brokenOff ? Optional.empty() : Optional.of(failure(problem));
    }

    @Override
    public Optional<RestoreRunStatus> status(RestoreRun run) {
        return Optional.ofNullable(run.getStatus());
    }

    @Override
    public boolean isFinal(RestoreRunStatus status) {
        return status.phase() != Phase.Running;
    }

    @Override
    public Optional<Integer> percent(RestoreRunStatus status) {
        return Optional.ofNullable(status.progressPercent());
    }

    @Override
    public RestoreRunStatus running(int percent) {
        return new RestoreRunStatus(Phase.Running, null, null, percent);
    }

    @Override
    public RestoreRunStatus waiting(Problem problem) {
        return new RestoreRunStatus(Phase.Running, problem.reason().name(), problem.message());
    }

    @Override
    public RestoreRunStatus failure(Problem problem) {
        return new RestoreRunStatus(Phase.Failed, problem.reason().name(), problem.message());
    }

    @Override
    public String summary(RestoreRunStatus status) {
        return status.message() == null ? status.phase().name() : status.phase() + ": " + status.message();
    }

    @Override
    public RestoreRun write(RestoreRun run, RestoreRunStatus status) {
        return wiring.writer().write(run, status);
    }
}
