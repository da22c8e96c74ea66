package io.trustedlaunch.agent.backuprun;

import io.trustedlaunch.agent.backup.ScratchLimit;
import io.trustedlaunch.agent.backuprun.instant.DiskInstant.Taken;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.backup.BackupBase;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.custody.BackupKeys;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The source of a backup: a guest that runs, or the files of a VM that is off. */
interface BackupSource {
    /** Returns the incarnation that runs, or ran last. Throws if no backup of it can begin. */
    VMIncarnation require() throws IOException;

    BackupKeys keys() throws IOException;

    /** Why the backup must end now; empty: it can go on. */
    Optional<Problem> reasonToEnd();

    /** The base of the backup. */
    BackupBase base(BackupStore store, List<BackupRunDisk> disks, String keyId) throws IOException;

    /**
     * Takes the instant.
     *
     * @param problem why the backup must end now
     */
    Taken take(List<BackupRunDisk> disks, BackupBase base, Supplier<Optional<Problem>> problem) throws IOException;

    /** Why the copy must end now. */
    Optional<Problem> copyProblem(ScratchLimit limit);

    /** Copies the disks to the staged files. Returns how many bytes were read. */
    long copy(List<BackupRunDisk> disks, BackupBase base, byte[] passphrase) throws IOException;

    /** Called once all is read. Throws if what was read is not of one instant. */
    void copied(List<BackupRunDisk> disks) throws IOException;

    /** Lets a copy end that waits for the source. */
    void release();
}
