package io.trustedlaunch.agent.fillserver;

import io.trustedlaunch.api.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** The servers of this host, one for each fill. They outlive the agent. Each method is safe to repeat. */
public interface FillServers {
    /**
     * Returns when the disks of the backup are served: each as an export with its {@link io.trustedlaunch.backup.DiskName}. A server
     * that has content already gets the new one (other signed URLs), without a break for its readers; one that has died is started
     * anew.
     *
     * @throws io.trustedlaunch.backup.BackupStoreException if the backup cannot be reached now
     * @throws io.trustedlaunch.agent.host.RefusedException if the backup is damaged, or the server has the content of another backup
     * @throws IOException if no server can be started, or it does not answer
     */
    void serve(UUID fill, FillContent content) throws IOException;

    /** Whether a server runs that has its content. What it reads may fail: {@link #trouble}. */
    boolean isServing(UUID fill);

    /**
     * Why reads wait ({@code BackupLocationUnavailable}) or fail ({@code BackupDamaged}) now; empty once they succeed again, or if no
     * server runs.
     */
    Optional<Problem> trouble(UUID fill);

    /** Returns when no server of it runs, and nothing of it is left. To be called when no guest needs it any more. */
    void end(UUID fill) throws IOException;

    /** Where QEMU connects; the hypervisor's user can open it once it serves. */
    Path socket(UUID fill);
}
