package io.trustedlaunch.agent.run;

import io.trustedlaunch.agent.backup.BackupDiskException;
import io.trustedlaunch.agent.backup.BackupDiskFailure;
import io.trustedlaunch.agent.backup.DiskReadException;
import io.trustedlaunch.agent.nbd.NbdException;
import io.trustedlaunch.agent.order.Faults;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.backup.pack.DamagedPackException;
import java.util.Optional;

/** Failures of runs: of their tools for disks, of backup locations, and of backups. */
public final class RunFaults {
    private RunFaults() {}

    /**
     * The faults of one kind of run.
     *
     * @param hypervisor the reason of what the hypervisor refuses for no reason of its own
     * @param noDomain the reason if the VM's domain is gone
     * @param next what follows once the cause is mended, for the end of a message; may be empty
     */
    public static Faults of(Reason hypervisor, Reason noDomain, String next) {
        return new Faults(hypervisor, noDomain, next, RunFaults::problem);
    }

    private static Optional<Problem> problem(Exception failure, String next) {
        return switch (failure) {
            case BackupDiskException e -> Optional.of(new Problem(reason(e), e.getMessage()));
            case DiskReadException e -> Optional.of(new Problem(Reason.DiskCopyFailed, e.getMessage()));
            case BackupStoreException e -> Optional.of(ofStore(e, next));
            case DamagedPackException e -> Optional.of(ofBackup(e.fault(), e.getMessage()));
            case NbdException e ->
                Optional.of(new Problem(Reason.DiskCopyFailed, "the server of a disk failed: " + e.getMessage()));
            default -> Optional.empty();
        };
    }

    /** @param message what is wrong, for people */
    public static Problem ofBackup(BackupFault fault, String message) {
        return fault == BackupFault.UNSUPPORTED_FORMAT
                ? new Problem(Reason.AgentFault, message + "; upgrade the agent")
                : new Problem(Reason.BackupDamaged, message);
    }

    private static Reason reason(BackupDiskException e) {
        return e.failure() instanceof BackupDiskFailure.NoSpace ? Reason.NoSpace : Reason.DiskCopyFailed;
    }

    private static Problem ofStore(BackupStoreException e, String next) {
        return e.fault() == StoreFault.NO_SPACE
                ? new Problem(Reason.NoSpace, e.getMessage() + "; free or add space in the backup location" + next)
                : new Problem(Reason.BackupLocationUnavailable, e.getMessage() + next);
    }
}
