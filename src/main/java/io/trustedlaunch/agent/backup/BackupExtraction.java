package io.trustedlaunch.agent.backup;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.backup.BackupDescription;
import io.trustedlaunch.backup.BackupFault;
import io.trustedlaunch.backup.BackupFile;
import io.trustedlaunch.backup.BackupFileName;
import io.trustedlaunch.backup.BackupIndex;
import io.trustedlaunch.backup.BackupRef;
import io.trustedlaunch.backup.BackupStore;
import io.trustedlaunch.backup.DiskName;
import io.trustedlaunch.backup.FileCheck;
import io.trustedlaunch.backup.Finding;
import io.trustedlaunch.backup.Geometry;
import io.trustedlaunch.backup.OpenedBackup;
import io.trustedlaunch.backup.ReadProgress;
import io.trustedlaunch.backup.pack.DamagedPackException;
import io.trustedlaunch.backup.pack.PackFiles;
import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.custody.BackupKeys;
import io.trustedlaunch.custody.PackKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
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
import java.util.function.Function;

/**
 * Makes a VM's disks and guest state from a backup, in a staging folder. Each byte of a disk is opened under the VM's key before it is
 * written, from memory; so a store that answers differently later changes nothing.
 *
 * @param fill the restore whose disks are made empty and filled while the VM runs; empty: they are made whole
 * @param progress learns at first of all that the backup needs, also if only some of its disks are made
 */
public record BackupExtraction(
        BackupStore store, HypervisorAccount account, DiskMaker disks, Optional<UUID> fill, ReadProgress progress) {
    private static final int WORKERS = 2;

    /** Makes disks that are whole. */
    public BackupExtraction(BackupStore store, HypervisorAccount account, DiskMaker disks, ReadProgress progress) {
        this(store, account, disks, Optional.empty(), progress);
    }

    /** Makes disks. */
    @FunctionalInterface
    public interface DiskMaker {
        /**
         * The disk is whole and durable when this returns.
         *
         * @param disk an empty file of the hypervisor's
         * @param content called once
         */
        void make(Path disk, long virtualBytes, Content content) throws IOException;

        /**
         * Makes the disk empty, to be filled from that backing file while its VM runs. It is durable when this returns.
         *
         * @param disk an empty file of the hypervisor's
         */
        default void makeUnfilled(Path disk, long virtualBytes, FillBacking backing) throws IOException {
            throw new UnsupportedOperationException("disks that are filled later");
        }
    }

    /** What a disk is to have. */
    @FunctionalInterface
    public interface Content {
        /** @param disk reads as zeros at first */
        void writeTo(SavedDisk.Target disk) throws IOException;
    }

    /** The outcome of an extraction. */
    public sealed interface Result {
        record Extracted(BackupDescription description, List<Disk> disks, Path guestState) implements Result {}

        /** @param message what is wrong with the backup, for people */
        record Refused(BackupFault fault, String message) implements Result {}
    }

    /**
     * A disk that the hypervisor owns.
     *
     * @param dataDisk which it is; empty for the OS disk
     */
    public record Disk(Path file, Optional<DiskIdentity> dataDisk) {}

    /**
     * @param staging a folder that the hypervisor can enter and nothing else uses
     * @param choice called before anything is made: returns the disks that are to be made; may throw to refuse the backup
     * @throws IOException if the store cannot be reached, or the folder's file system fails
     */
    public Result extract(
            BackupRef wanted,
            BackupKeys keys,
            Path staging,
            Function<BackupDescription, List<BackupDescription.Disk>> choice)
            throws IOException {
        return switch (OpenedBackup.open(store, wanted, keys.description())) {
            case OpenedBackup.Opening.Unusable(Finding finding) -> refused(finding);
            case OpenedBackup.Opening.Opened(OpenedBackup backup) ->
                extract(backup, keys, staging, choice.apply(backup.description()));
        };
    }

    private Result extract(OpenedBackup backup, BackupKeys keys, Path staging, List<BackupDescription.Disk> wanted)
            throws IOException {
        progress.begins(backup.index().bytes());
        Path guestState = staging.resolve(BackupFileName.GUEST_STATE);
        Optional<Finding> finding = copyGuestState(backup.index(), guestState);
        if (finding.isPresent()) {
            return refused(finding.get());
        }
        PackFiles packs = new PackFiles(store, backup.index().vm());
        PackKeys packKeys = new PackKeys(keys.packSecret());
        List<Disk> made = new ArrayList<>();
        try {
            for (BackupDescription.Disk disk : wanted) {
                made.add(make(disk, packs, packKeys, staging));
            }
        } catch (DamagedPackException e) {
            return new Result.Refused(e.fault(), e.getMessage());
        }
        return new Result.Extracted(backup.description(), made, guestState);
    }

    private static Result refused(Finding finding) {
        return new Result.Refused(finding.fault(), finding.message());
    }

    /** A start opens it with the VM's key before it uses it. */
    private Optional<Finding> copyGuestState(BackupIndex index, Path to) throws IOException {
        BackupFile file = index.files().stream()
                .filter(one -> one.name().equals(BackupFileName.GUEST_STATE))
                .findFirst()
                .orElseThrow();
        try (FileChannel copy = FileChannel.open(
                to,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            return new FileCheck(store, progress).check(index.id(), file, bytes -> write(copy, bytes));
        }
    }

    private static void write(FileChannel to, ByteBuffer bytes) {
        try {
            while (bytes.hasRemaining()) {
                to.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Disk make(BackupDescription.Disk disk, PackFiles packs, PackKeys keys, Path staging) throws IOException {
        Path file = Files.createFile(staging.resolve(disk.name() + ".qcow2"));
        account.give(file);
        if (fill.isPresent()) {
            disks.makeUnfilled(file, disk.virtualBytes(), new FillBacking(fill.get(), disk.name()));
            return new Disk(file, DiskName.dataDisk(disk.name()));
        }
        SavedDisk saved = new SavedDisk(Geometry.STANDARD, packs, keys, disk.map(), disk.virtualBytes());
        disks.make(file, disk.virtualBytes(), target -> saved.restore(target, WORKERS, progress::read));
        return new Disk(file, DiskName.dataDisk(disk.name()));
    }
}
