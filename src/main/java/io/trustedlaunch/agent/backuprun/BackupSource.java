package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backup.OpenDisk;
import io.trustedlaunch.agent.backuprun.instant.DiskInstant.Taken;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.backup.BackupBase;
import io.trustedlaunch.custody.BackupKeys;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The source of a backup: a guest that runs, or the files of a VM that is off. */
interface BackupSource {
    /** Returns the incarnation that runs, or ran last. Throws if no backup of it can begin. */
    VMIncarnation require() throws IOException;

    /** Opens them anew: each thread has, and closes, its own. */
    BackupKeys keys() throws IOException;

    /** Why the backup must end now; empty: it can go on. */
    Optional<Problem> reasonToEnd();

    /** The base of the backup. */
    BackupBase base(List<BackupRunDisk> disks, UsableBackups usable) throws IOException;

    /** Makes what the instant needs. */
    void prepare() throws IOException;

    /**
     * Takes the instant.
     *
     * @param problem why the backup must end now
     */
    Taken take(List<BackupRunDisk> disks, BackupBase base, Supplier<Optional<Problem>> problem) throws IOException;

    /** A disk as it was at the instant, for the caller to close. Called once for each. */
    OpenDisk open(BackupRunDisk disk, BackupBase base) throws IOException;

    /** Why the copy must end now. */
    Optional<Problem> copyProblem();

    /** Called once all is read. Throws if what was read is not of one instant. */
    void copied(List<BackupRunDisk> disks) throws IOException;

    /** Lets a copy end that waits for the source. */
    void release();
}
