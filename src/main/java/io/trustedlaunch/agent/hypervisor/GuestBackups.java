package io.trustedlaunch.agent.hypervisor;

import io.trustedlaunch.agent.domain.BackupSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Backups of running domains. A backup is a job of QEMU, which serves the disks as they were when it began, over NBD on a
 * local socket, until it is ended. It outlives the agent and libvirtd, but not the domain; a migration waits for its end.
 *
 * <p>A checkpoint is an instant since which each disk has a bitmap of what was written. The bitmaps are in the disks. The
 * hypervisor's own list of checkpoints ends with the domain, and {@link #defineCheckpoint} restores it.
 *
 * <p>After a crash at any point: {@link #end}, then {@link #deleteCheckpoint} of the backup that did not complete. The
 * checkpoint before it then covers what both of them did.
 *
 * <p>The methods wait for QEMU, for as long as it takes, except {@link #job} and {@link #isJobLost}, which ask only the
 * hypervisor. All throw {@link HypervisorException}; the others {@code DomainLost} as {@link Hypervisor#find} does.
 */
public interface GuestBackups {
    /**
     * Begins a backup and makes its checkpoint, for all disks at one instant. Refuses with {@code DomainMissing} without a
     * domain, with {@code BackupUnderWay} if the domain has a backup, with {@code BackupJobLost} if {@link #isJobLost}, with
     * {@code CheckpointUnusable} if the base is not there. A full scratch file makes the guest's writes fail: see {@link
     * BackupJob#scratchBytes}.
     */
    void begin(UUID vm, BackupSpec spec);

    /** The backup of the domain; empty if there is none, or one that is lost. Returns within seconds. */
    Optional<BackupJob> job(UUID vm);

    /**
     * Whether the hypervisor died while it began a backup, and keeps that job without knowing anything of it. Such a domain
     * neither begins another backup nor migrates; it runs, and ends, as any other. Only the end of the domain ends that.
     * Returns within seconds.
     */
    boolean isJobLost(UUID vm);

    /**
     * Ends the backup, complete or not, and returns when QEMU does not write to the scratch files any more. Success if there is
     * none, and if it is lost.
     */
    void end(UUID vm);

    /** The names of the domain's checkpoints, without order; empty without a domain. */
    Set<String> checkpoints(UUID vm);

    /** Removes a checkpoint; what was written since then counts for the one before it. Missing is success. */
    void deleteCheckpoint(UUID vm, String name);

    /**
     * Restores a checkpoint of an earlier incarnation's domain, or of a source before a migration. An existing one is
     * success. Refuses with {@code CheckpointUnusable} if one of the disks lacks a consistent bitmap, as after a crash of
     * QEMU; with {@code DomainMissing} without a domain.
     *
     * @param parent the checkpoint before it, if that is there too
     * @param disks the paths of all disks that it was made for
     */
    void defineCheckpoint(UUID vm, String name, Optional<String> parent, List<Path> disks);

    /** Pauses a running guest. Returns false, and changes nothing, if it does not run: it is not the caller's to resume. */
    boolean pause(UUID vm);

    /**
     * Asks the guest agent to freeze the guest's file systems. Returns within the limit and a few seconds; whatever it returns,
     * {@link #thaw} follows. Refuses with {@code DomainMissing} without a domain.
     */
    FreezeOutcome freeze(UUID vm, Duration limit);

    /**
     * Asks the guest agent to thaw what is frozen, which may be nothing. Returns false if it does not confirm that within the
     * limit and a few seconds; true without an agent or a domain.
     */
    boolean thaw(UUID vm, Duration limit);
}
