package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.disks.VmFolder;
import io.trustedlaunch.agent.gueststate.DiskHomeFiles;
import io.trustedlaunch.agent.gueststate.Home;
import io.trustedlaunch.agent.host.DurableFiles;
import io.trustedlaunch.agent.host.FileTree;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupDownload;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.custody.BackupDescriptionKey;
import io.trustedlaunch.custody.ProtectionKey;
import io.trustedlaunch.failpoint.Failpoints;
import io.trustedlaunch.recovery.RecoverableBackup;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongConsumer;

/**
 * Makes a VM's folder from a backup, as the VM was at that instant: its disks, its guest state and its escrow. Needs as much
 * room again while it does so, for all files are copied and compared before a tool opens one.
 */
public final class BackupRestore {
    private final BackupStore store;
    private final HypervisorAccount account;
    private final BackupDisks disks;
    private final LongConsumer progress;

    /** @param progress gets the number of bytes that were read from the store since its last call */
    public BackupRestore(BackupStore store, HypervisorAccount account, BackupDisks disks, LongConsumer progress) {
        this.store = store;
        this.account = account;
        this.disks = disks;
        this.progress = progress;
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
        ProtectionKey key = wanted.escrow().key();
        try (BackupDescriptionKey opening = key.backupDescriptionKey(folder.vm())) {
            return switch (new BackupDownload(store, progress)
                    .download(
                            wanted.ref(),
                            opening,
                            (backup, file) -> create(staging.resolve(name(backup.backup(), file))))) {
                case BackupDownload.Result.Damaged damaged ->
                    new Result.Refused(damaged.finding().message());
                case BackupDownload.Result.Whole whole -> make(whole, wanted, folder, staging);
            };
        } finally {
            FileTree.of(staging).delete();
        }
    }

    private static String name(UUID backup, String file) {
        return backup + "-" + file;
    }

    private static OutputStream create(Path file) throws IOException {
        return Channels.newOutputStream(FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
    }

    private Result make(BackupDownload.Result.Whole backup, RecoverableBackup wanted, VmFolder folder, Path staging)
            throws IOException {
        List<Restored> restored = new ArrayList<>();
        byte[] passphrase = wanted.escrow().key().backupPassphrase(folder.vm());
        try {
            for (BackupDescription.Disk disk : backup.description().disks()) {
                Restored made = restore(disk, backup, passphrase, folder, staging);
                Optional<Long> bytes = ImageInspector.virtualSizeOfQcow2(made.file());
                if (!bytes.equals(Optional.of(disk.virtualBytes()))) {
                    return new Result.Refused(disk.file() + " of backup "
                            + wanted.ref().id().backup() + " has another size than its description says");
                }
                restored.add(made);
            }
        } finally {
            Arrays.fill(passphrase, (byte) 0);
        }
        publish(
                restored,
                staging.resolve(name(wanted.ref().id().backup(), BackupFileName.GUEST_STATE)),
                wanted,
                folder);
        return new Result.Restored(backup.description());
    }

    /** @param name which the file gets once all are there */
    private record Restored(Path file, Path name) {}

    private Restored restore(
            BackupDescription.Disk disk,
            BackupDownload.Result.Whole backup,
            byte[] passphrase,
            VmFolder folder,
            Path staging)
            throws IOException {
        List<Path> layers = new ArrayList<>();
        for (var index : backup.chain().indexes().reversed()) {
            Path layer = staging.resolve(name(index.backup(), disk.file()));
            account.show(layer);
            layers.add(layer);
        }
        Path file = Files.createFile(staging.resolve(disk.file()));
        account.give(file);
        disks.restore(layers, passphrase, file);
        for (Path layer : layers) {
            Files.delete(layer);
        }
        return new Restored(
                file, BackupFileName.dataDisk(disk.file()).map(folder::dataDisk).orElseGet(folder::osDisk));
    }

    /** The escrow last: without it, the folder is no VM's. */
    private void publish(List<Restored> restored, Path guestState, RecoverableBackup backup, VmFolder folder)
            throws IOException {
        account.makePassage(folder.path());
        for (Restored disk : restored) {
            DurableFiles.publish(disk.file(), disk.name());
        }
        Home home = new Home(new DiskHomeFiles(folder.path()), "restore", UUID::randomUUID, Failpoints.none());
        home.publish(backup.description().guestState(), Files.readAllBytes(guestState));
        home.keepEscrow(backup.escrow().record().epoch(), backup.sealedEscrow());
    }
}
