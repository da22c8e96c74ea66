package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backup.DiskCopyException;
import io.trustedlaunch.agent.backup.DiskCopyFailure;
import io.trustedlaunch.agent.host.NoSpace;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** Why a run fails. */
final class Problems {
    static final Problem INTERRUPTED = new Problem(
            Reason.AgentRestarted, "the agent ended during the backup, and nothing of it is kept; make another one");

    private static final String AGAIN = "; then make another backup";

    private Problems() {}

    static void requireNone(Optional<Problem> problem) {
        if (problem.isPresent()) {
            throw new RefusedException(problem.get().reason(), problem.get().message());
        }
    }

    /** Empty for an unexpected error. */
    static Optional<Problem> of(Exception failure) {
        return switch (failure) {
            case RefusedException e -> Optional.of(new Problem(e.reason(), e.getMessage()));
            case HypervisorException e -> Optional.of(new Problem(reason(e), e.getMessage()));
            case DiskCopyException e -> Optional.of(new Problem(reason(e), e.getMessage()));
            case BackupStoreException e -> Optional.of(ofStore(e));
            case UncheckedIOException e -> Optional.of(ofFile(e));
            case IOException e -> Optional.of(ofFile(e));
            default -> Optional.empty();
        };
    }

    private static Reason reason(HypervisorException e) {
        if (NoSpace.isCauseOf(e)) {
            return Reason.NoSpace;
        }
        return switch (e.failure()) {
            case HypervisorFailure.Unavailable unavailable -> Reason.HypervisorUnavailable;
            case HypervisorFailure.DomainMissing missing -> Reason.GuestNotHere;
            case HypervisorFailure.DomainLost domain -> Reason.DomainLost;
            case HypervisorFailure.BackupJobLost lost -> Reason.BackupJobLost;
            default -> Reason.DiskCopyFailed;
        };
    }

    private static Reason reason(DiskCopyException e) {
        return e.failure() instanceof DiskCopyFailure.NoSpace ? Reason.NoSpace : Reason.DiskCopyFailed;
    }

    private static Problem ofStore(BackupStoreException e) {
        return e.fault() == StoreFault.NO_SPACE
                ? new Problem(Reason.NoSpace, e.getMessage() + "; free or add space in the backup location" + AGAIN)
                : new Problem(Reason.BackupLocationUnavailable, e.getMessage() + AGAIN);
    }

    private static Problem ofFile(Exception e) {
        return NoSpace.isCauseOf(e)
                ? new Problem(Reason.NoSpace, e.getMessage() + "; free or add space" + AGAIN)
                : new Problem(Reason.HostFileFault, e.getMessage() + "; check that disk" + AGAIN);
    }
}
