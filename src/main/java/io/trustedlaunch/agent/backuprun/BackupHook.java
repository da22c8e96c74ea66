package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backup.GuestPause;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.agent.incarnation.IncarnationHook;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.Reason;
import java.util.Optional;
import java.util.UUID;

/**
 * Shows incarnations the effects of backups on a guest.
 *
 * @param pause the one with which backups are made
 */
public record BackupHook(String nodeName, Hypervisor hypervisor, GuestPause pause) implements IncarnationHook {
    /** Others would take a guest that a backup has paused for one that somebody paused. */
    @Override
    public boolean holds(UUID vm) {
        return pause.isPaused(vm);
    }

    @Override
    public Optional<Problem> untilRestart(UUID vm) {
        return hypervisor.backups().isJobLost(vm)
                ? Optional.of(new Problem(
                        Reason.BackupJobLost,
                        "libvirtd on " + nodeName
                                + " ended while it began a backup of the VM, and knows nothing any more of that job, so that"
                                + " it neither begins another backup of the guest nor migrates it. The guest runs on. Restart"
                                + " the VM when that suits it"))
                : Optional.empty();
    }
}
