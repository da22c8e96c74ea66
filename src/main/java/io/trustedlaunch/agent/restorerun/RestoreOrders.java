package io.trustedlaunch.agent.restorerun;

import io.trustedlaunch.agent.order.Faults;
import io.trustedlaunch.agent.order.LaterException;
import io.trustedlaunch.agent.order.StatusWriter;
import io.trustedlaunch.agent.order.Task;
import io.trustedlaunch.agent.run.RunFaults;
import io.trustedlaunch.agent.run.RunOrders;
import io.trustedlaunch.agent.run.RunStores;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.restore.RestoreRunStatus;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Restores of VMs. One fails only while the VM's files are as they were: later, it is tried until it is complete. */
final class RestoreOrders extends RunOrders<RestoreRun, RestoreRunStatus> {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreOrders.class);

    static final Faults FAULTS = RunFaults.of(Reason.HypervisorUnavailable, Reason.HypervisorUnavailable, "");

    private final VmRestore.Tools tools;

    RestoreOrders(VmRestore.Tools tools, StatusWriter<RestoreRun, RestoreRunStatus> writer) {
        super((phase, percent, reason, message) -> new RestoreRunStatus(phase, reason, message, percent), writer);
        this.tools = tools;
    }

    @Override
    public String describe(RestoreRun run) {
        return "VM " + run.getSpec().vmRef().uid() + ": restore from backup "
                + run.getSpec().backup().uid();
    }

    @Override
    public String place(RestoreRun run) {
        return RunStores.place(run.getSpec().location());
    }

    @Override
    public RestoreRunStatus carryOut(RestoreRun run, Task<RestoreRun> task) throws IOException {
        task.progress(0);
        VmRestore restore = new VmRestore(tools, run, task::brokenOff, task::progress);
        resume(restore, run);
        if (!restore.isDone()) {
            restore.make();
        }
        return new RestoreRunStatus(RunPhase.Completed, null, null);
    }

    /** A restore that is committed is not given up. */
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
    public Optional<RestoreRunStatus> failed(RestoreRun run, Problem problem, Exception cause, boolean brokenOff)
            throws IOException {
        VmRestore restore = new VmRestore(tools, run, Optional::empty, percent -> {});
        if (restore.isCommitted()) {
            throw new LaterException(problem);
        }
        restore.discard();
        return super.failed(run, problem, cause, brokenOff);
    }

    static UUID vm(RestoreRun run) {
        return UUID.fromString(run.getSpec().vmRef().uid());
    }
}
