package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupDownload;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.ReadProgress;
import io.trustedlaunch.custody.BackupKeys;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Makes a VM's disks and guest state from a backup, in staging folders. All files are copied and compared before a tool opens
 * one, so it needs as much room again as the backup has.
 *
 * @param progress gets the number of bytes that were read from the store since its last call
 */
public record BackupExtraction(BackupStore store, HypervisorAccount account, LayerMerge disks, ReadProgress progress) {

    /** Makes one plain disk of a disk's encrypted layers. */
    public interface LayerMerge {
        /**
         * @param layers the newest first
         * @param disk an empty file of the hypervisor's
         * @throws BackupDiskException if QEMU's tools fail
         */
        void restore(List<Path> layers, byte[] passphrase, Path disk);
    }

    /** The outcome of an extraction. */
    public sealed interface Result {
        record Extracted(BackupDescription description, List<Disk> disks, Path guestState) implements Result {}

        /** @param message what is wrong with the backup, for people */
        record Refused(String message) implements Result {}
    }

    /**
     * A disk that the hypervisor owns.
     *
     * @param name of the data disk; empty for the OS disk
     */
    public record Disk(Path file, Optional<String> name) {}

    /** Extracts without requirements. */
    public Result extract(BackupRef wanted, BackupKeys keys, Path layers, Path staging) throws IOException {
        return extract(wanted, keys, layers, staging, description -> {});
    }

    /**
     * @param layers a folder that the hypervisor can enter and no other user can change: what was compared is read there again
     * @param staging a folder that the hypervisor can enter and nothing else uses, for what is made
     * @param required called before anything is copied; may throw to refuse the backup
     * @throws IOException if the store cannot be reached, or the folder's file system fails
     */
    public Result extract(
            BackupRef wanted, BackupKeys keys, Path layers, Path staging, Consumer<BackupDescription> required)
            throws IOException {
        return switch (new BackupDownload(store, progress)
                .download(wanted, keys.description(), new StagedFiles(layers, staging, required))) {
            case BackupDownload.Result.Damaged damaged ->
                new Result.Refused(damaged.finding().message());
            case BackupDownload.Result.Whole whole -> make(whole, wanted, keys, layers, staging);
        };
    }

    private record StagedFiles(Path layers, Path staging, Consumer<BackupDescription> required)
            implements BackupDownload.Target {
        @Override
        public OutputStream create(BackupId backup, String file) throws IOException {
            return BackupExtraction.create(
                    (BackupFileName.isDisk(file) ? layers : staging).resolve(name(backup.backup(), file)));
        }

        @Override
        public void opened(BackupDescription description) {
            required.accept(description);
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

    private Result make(
            BackupDownload.Result.Whole backup, BackupRef wanted, BackupKeys keys, Path layers, Path staging)
            throws IOException {
        List<Disk> made = new ArrayList<>();
        for (BackupDescription.Disk disk : backup.description().disks()) {
            Path file = make(disk, backup, keys, layers, staging);
            if (!ImageInspector.virtualSizeOfQcow2(file).equals(Optional.of(disk.virtualBytes()))) {
                return new Result.Refused(disk.file() + " of backup "
                        + wanted.id().backup() + " has another size than its description says");
            }
            made.add(new Disk(file, BackupFileName.dataDisk(disk.file())));
        }
        return new Result.Extracted(
                backup.description(), made, staging.resolve(name(wanted.id().backup(), BackupFileName.GUEST_STATE)));
    }

    private Path make(
            BackupDescription.Disk disk, BackupDownload.Result.Whole backup, BackupKeys keys, Path folder, Path staging)
            throws IOException {
        List<Path> layers = new ArrayList<>();
        for (var index : backup.chain().indexes().reversed()) {
            Path layer = folder.resolve(name(index.backup(), disk.file()));
            account.show(layer);
            layers.add(layer);
        }
        Path file = Files.createFile(staging.resolve(disk.file()));
        account.give(file);
        disks.restore(layers, keys.passphrase(), file);
        for (Path layer : layers) {
            Files.delete(layer);
        }
        return file;
    }
}
