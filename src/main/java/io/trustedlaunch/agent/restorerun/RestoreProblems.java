package io.trustedlaunch.agent.restorerun;

import io.trustedlaunch.agent.backup.DiskCopyException;
import io.trustedlaunch.agent.backup.DiskCopyFailure;
import io.trustedlaunch.agent.host.NoSpace;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.backup.BackupStoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Why a restore fails. */
final class RestoreProblems {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreProblems.class);

    private RestoreProblems() {}

    static Problem of(Exception failure) {
        if (NoSpace.isCauseOf(failure) && !(failure instanceof RefusedException)) {
            return new Problem(Reason.NoSpace, failure.getMessage() + "; free or add space");
        }
        return switch (failure) {
            case VmRestore.LaterException e -> e.problem();
            case RefusedException e -> new Problem(e.reason(), e.getMessage());
            case HypervisorException e -> new Problem(Reason.HypervisorUnavailable, e.getMessage());
            case DiskCopyException e ->
                new Problem(
                        e.failure() instanceof DiskCopyFailure.NoSpace ? Reason.NoSpace : Reason.DiskCopyFailed,
                        e.getMessage());
            case BackupStoreException e -> new Problem(Reason.BackupLocationUnavailable, e.getMessage());
            case UncheckedIOException e -> new Problem(Reason.HostFileFault, e.getMessage() + "; check that disk");
            case IOException e -> new Problem(Reason.HostFileFault, e.getMessage() + "; check that disk");
            default -> {
                LOG.error("unexpected error in a restore", failure);
                yield new Problem(
                        Reason.AgentFault, "the agent failed with an unexpected error; see its log on this node");
            }
        };
    }
}
