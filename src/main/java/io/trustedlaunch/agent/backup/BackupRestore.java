package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.host.DurableFiles;
import io.trustedlaunch.agent.host.FileTree;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.ReadProgress;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.recovery.RecoverableBackup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.UUID;

/** Makes a VM's folder from a backup, as the VM was at that instant: its disks, its guest state and its escrow. */
public final class BackupRestore {
    private final HypervisorAccount account;
    private final BackupExtraction extraction;

    /** @param progress gets the number of bytes that were read from the store since its last call */
    public BackupRestore(BackupStore store, HypervisorAccount account, BackupDisks disks, ReadProgress progress) {
        this.account = account;
        this.extraction = new BackupExtraction(store, account, disks::restore, progress);
    }

    /** What came of it. */
    public sealed interface Result {
        record Restored(BackupDescription description) implements Result {}

        /** @param message what is wrong, for people. Nothing was made */
        record Refused(String message) implements Result {}
    }

    /**
     * @param folder does not exist; if this fails, what is left of it has no escrow, and is no VM's
     * @throws IOException if the store cannot be reached, or the folder's file system fails
     * @throws DiskCopyException if QEMU's tools fail
     */
    public Result restore(RecoverableBackup wanted, VmFolder folder) throws IOException {
        if (Files.exists(folder.path(), LinkOption.NOFOLLOW_LINKS)) {
            return new Result.Refused(folder.path()
                    + " exists: nothing is written over a VM's files. If they are of no use any more, or were left by a"
                    + " restore that was broken off, move them away first");
        }
        Path staging = folder.location().resolve(".restore-" + UUID.randomUUID());
        account.makePassage(staging);
        try (BackupKeys keys = BackupKeys.of(wanted.escrow().key(), folder.vm())) {
            return switch (extraction.extract(wanted.ref(), keys, staging)) {
                case BackupExtraction.Result.Refused(String message) -> new Result.Refused(message);
                case BackupExtraction.Result.Extracted extracted -> {
                    publish(extracted, wanted, folder);
                    yield new Result.Restored(extracted.description());
                }
            };
        } finally {
            FileTree.of(staging).delete();
        }
    }

    /** The escrow last: without it, the folder is no VM's. */
    private void publish(BackupExtraction.Result.Extracted extracted, RecoverableBackup backup, VmFolder folder)
            throws IOException {
        account.makePassage(folder.path());
        for (BackupExtraction.Disk disk : extracted.disks()) {
            DurableFiles.publish(disk.file(), disk.name().map(folder::dataDisk).orElseGet(folder::osDisk));
        }
        Home home = new Home(new DiskHomeFiles(folder.path()), "restore", UUID::randomUUID, Failpoints.none());
        home.publish(backup.description().guestState(), Files.readAllBytes(extracted.guestState()));
        home.keepEscrow(backup.escrow().record().epoch(), backup.sealedEscrow());
    }
}
