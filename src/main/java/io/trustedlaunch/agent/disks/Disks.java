package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.folder.Permit;
import io.trustedlaunch.agent.folder.Permit.Act;
import io.trustedlaunch.agent.folder.VmFolder;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imageform.FillBacking;
import io.trustedlaunch.agent.imageform.ImageFault;
import io.trustedlaunch.agent.imageform.ImageForm.Accepted;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.files.NoSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A VM's disks. A disk gets its name when it is complete, and belongs to the hypervisor from then on. The caller decides
 * whether a missing disk may be made, since an existing one must never be made again.
 */
public final class Disks {
    private static final Logger LOG = LoggerFactory.getLogger(Disks.class);

    private final HypervisorAccount account;
    private final String nodeName;
    private final DiskTool tool;
    private final LocalImages localImages;
    private final Supplier<UUID> names;
    private final Map<Path, Boolean> cleared = new ConcurrentHashMap<>();

    /** @param localImage a folder on a disk of this host, for one image at a time */
    public Disks(HypervisorAccount account, String nodeName, DiskTool tool, Path localImage, Supplier<UUID> names) {
        this.account = account;
        this.nodeName = nodeName;
        this.tool = tool;
        this.localImages = new LocalImages(localImage, account);
        this.names = names;
    }

    /** Makes the folder if it does not exist. */
    public void ensureFolder(Permit permit) {
        VmFolder folder = permit.folder(Act.PREPARE);
        try {
            account.makePassage(folder.path());
        } catch (IOException e) {
            throw failed(folder.path(), e);
        }
    }

    public boolean hasOsDisk(VmFolder folder) {
        return Files.exists(folder.osDisk(), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Makes the OS disk if it does not exist, and grows it if it should be larger.
     *
     * @param image the source; empty if the disk must not be made
     * @param fill the DiskFill, not complete, that the disk is filled from
     */
    public void ensureOsDisk(Permit permit, Optional<ImportedImage> image, long bytes, Optional<UUID> fill) {
        VmFolder folder = permit.folder(Act.PREPARE);
        ensure(folder.osDisk(), "restore it", bytes, image.isPresent(), fill.map(FillBacking::ofOsDisk), staging -> {
            Path disk = staging.create("os.qcow2");
            localImages.use(image.orElseThrow(), (local, form) -> copy(local, form, disk, bytes));
            return disk;
        });
    }

    /** Makes an empty OS disk if there is none, and grows one that should be larger. */
    public void ensureEmptyOsDisk(Permit permit, long bytes) {
        VmFolder folder = permit.folder(Act.PREPARE);
        ensure(folder.osDisk(), "restore it", bytes, true, Optional.empty(), staging -> {
            Path disk = staging.create("os.qcow2");
            tool.create(disk, bytes);
            return disk;
        });
    }

    private void copy(Path image, Accepted form, Path disk, long bytes) {
        if (form.virtualBytes() > bytes) {
            throw new RefusedException(
                    Reason.DiskTooSmall,
                    "osDisk.size is " + bytes + " bytes, and the image needs " + form.virtualBytes()
                            + " bytes: increase osDisk.size");
        }
        tool.convert(image, form, disk);
        if (form.virtualBytes() < bytes) {
            tool.resize(disk, bytes);
        }
    }

    /**
     * @param allowed whether it may be made
     * @param fill the DiskFill, not complete, that the disk is filled from
     */
    public void ensureDataDisk(Permit permit, DiskIdentity disk, long bytes, boolean allowed, Optional<UUID> fill) {
        VmFolder folder = permit.folder(Act.PREPARE, Act.ADD_DISK);
        String remedy = "restore it, or remove " + disk.name() + " from spec.dataDisks";
        Optional<FillBacking> backing = fill.map(uid -> FillBacking.ofDataDisk(uid, disk));
        ensure(folder.dataDisk(disk), remedy, bytes, allowed, backing, staging -> {
            Path finished = staging.create("data.qcow2");
            tool.create(finished, bytes);
            return finished;
        });
    }

    /** Deletes a disk for good; succeeds if there is none. Returns when that is durable. */
    public void deleteRemoved(Permit permit, DiskIdentity disk) {
        VmFolder folder = permit.folder(Act.PREPARE);
        Path file = folder.dataDisk(disk);
        try {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                delete(folder, file);
                DurableFiles.sync(folder.path());
                LOG.info("{} is deleted: the VM's spec.deletedDisks names disk {}", file, disk);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }

    /**
     * Makes a disk from a backup, if it does not exist.
     *
     * @param write into an empty file that is the hypervisor's
     */
    public void ensureRestored(Path disk, Consumer<Path> write) {
        ensure(disk, "", 0, true, Optional.empty(), staging -> {
            Path restored = staging.create("restored.qcow2");
            write.accept(restored);
            return restored;
        });
    }

    /** Makes a folder for a copy of another host's disks during a migration; the mark comes first. */
    public void ensureTransferFolder(Permit permit, long epoch) {
        VmFolder folder = permit.folder(Act.RECEIVE);
        Path mark = ownMark(folder, epoch);
        try {
            account.makePassage(folder.path());
            if (!Files.exists(mark, LinkOption.NOFOLLOW_LINKS)) {
                DurableFiles.write(mark, new byte[0]);
            }
        } catch (IOException e) {
            throw failed(mark, e);
        }
    }

    /** The mark of an unfinished copy in the folder. */
    public Optional<DiskTransferMark> diskTransferMark(VmFolder folder) {
        if (!Files.isDirectory(folder.path(), LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(folder.path())) {
            return files.flatMap(file -> DiskTransferMark.of(file).stream()).findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder.path(), e);
        }
    }

    /** The copy is finished: its disks are the VM's own. Returns when that is durable. */
    public void keepCopy(Permit permit, long epoch) {
        VmFolder folder = permit.folder(Act.TAKE_OVER, Act.SETTLE);
        Path mark = ownMark(folder, epoch);
        try {
            Files.deleteIfExists(mark);
            DurableFiles.sync(folder.path());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + mark, e);
        }
    }

    /** Removes an unfinished copy, and never a VM's own disks; succeeds if there is none. The mark is removed last. */
    public void eraseTransfer(Permit permit, long epoch) {
        VmFolder folder = permit.folder(Act.SETTLE);
        Path mark = ownMark(folder, epoch);
        try {
            if (Files.exists(mark, LinkOption.NOFOLLOW_LINKS)) {
                delete(folder, folder.osDisk());
                for (Path file : others(folder, mark)) {
                    delete(folder, file);
                }
                DurableFiles.sync(folder.path());
                Files.delete(mark);
            }
            removeIfEmpty(folder.path());
        } catch (IOException e) {
            throw cannotRemove(folder, e);
        }
    }

    private static void delete(VmFolder folder, Path file) throws IOException {
        new FileTree(folder.location(), folder.location().relativize(file)).delete();
    }

    private static void removeIfEmpty(Path folder) throws IOException {
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            LOG.info("{} is kept: it has no mark of an unfinished copy", folder);
        }
    }

    private static List<Path> others(VmFolder folder, Path mark) throws IOException {
        try (Stream<Path> files = Files.list(folder.path())) {
            return files.filter(file -> !file.equals(mark)).toList();
        }
    }

    private Path ownMark(VmFolder folder, long epoch) {
        return new DiskTransferMark(nodeName, epoch).in(folder);
    }

    /** Makes an empty disk as the target of a copy. */
    public void ensureBlank(Permit permit, Path disk, long bytes) {
        requireIn(permit.folder(Act.RECEIVE), disk);
        ensure(disk, "", bytes, true, Optional.empty(), staging -> {
            Path finished = staging.create("blank.qcow2");
            tool.create(finished, bytes);
            return finished;
        });
    }

    private static void requireIn(VmFolder folder, Path disk) {
        if (!folder.path().equals(disk.getParent())) {
            throw new IllegalStateException(disk + " is not in " + folder.path());
        }
    }

    /** Removes a VM's folder; succeeds if there is none. */
    public void erase(Permit permit) {
        VmFolder folder = permit.folder(Act.ERASE, Act.CLEAR);
        try {
            FileTree.of(folder.path()).delete();
        } catch (IOException e) {
            throw cannotRemove(folder, e);
        }
    }

    private static UncheckedIOException cannotRemove(VmFolder folder, IOException cause) {
        return new UncheckedIOException("cannot remove " + folder.path(), cause);
    }

    /** Removes the image that an earlier agent process was copying from. */
    public void clearLocalImage() {
        try {
            localImages.clear();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove an image that an earlier agent copied: " + e.getMessage(), e);
        }
    }

    /** Removes what an earlier agent process left unfinished, once for each location. */
    public void clearLeftovers(Path location) {
        cleared.computeIfAbsent(location, this::clear);
    }

    private boolean clear(Path location) {
        try {
            Staging.removeLeftovers(location, nodeName);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the staging folder of storage location " + location, e);
        }
    }

    private interface Maker {
        Path make(Staging staging) throws IOException;
    }

    /** @param remedy what a user may do if it is missing, and is not allowed to be made */
    private void ensure(
            Path disk, String remedy, long bytes, boolean allowed, Optional<FillBacking> backing, Maker maker) {
        try {
            if (Files.exists(disk, LinkOption.NOFOLLOW_LINKS)) {
                requireIndependent(disk, backing);
                if (backing.isPresent()) {
                    keepUnfilled(disk, backing.get());
                }
                grow(disk, bytes);
                return;
            }
            if (!allowed) {
                throw new RefusedException(
                        Reason.DiskMissing,
                        "disk " + disk + " is missing, and the agent makes no new one of its name: " + remedy);
            }
            Path location = disk.getParent().getParent();
            clearLeftovers(location);
            try (Staging staging = Staging.open(location, nodeName, account, names)) {
                DurableFiles.publish(maker.make(staging), disk);
            }
        } catch (IOException e) {
            throw failed(disk, e);
        }
    }

    /** The VM must not run, so that its guest cannot change the disk any more. */
    private static void requireIndependent(Path disk, Optional<FillBacking> backing) throws IOException {
        Optional<ImageFault> fault = ImageInspector.dependenceOfQcow2(disk, backing);
        if (fault.isPresent()) {
            throw new RefusedException(
                    Reason.DiskUnusable,
                    "disk " + disk + " " + fault.get().fact()
                            + ", which no disk that the agent made is or has: somebody changed or replaced it. Restore it from a"
                            + " backup");
        }
    }

    /**
     * QEMU removes the backing from the header before it has written down where the last of the disk's content is: after its sudden
     * end the disk looks whole and reads as zeros there. What it has not written down is in the backup still.
     */
    private void keepUnfilled(Path disk, FillBacking backing) throws IOException {
        if (ImageInspector.backingOfQcow2(disk).isEmpty()) {
            tool.setBacking(disk, backing);
            DurableFiles.sync(disk);
            requireIndependent(disk, Optional.of(backing));
        }
    }

    /** Reads the size without a tool, since the guest has written to the file. A disk that is not whole grows later. */
    private void grow(Path disk, long bytes) throws IOException {
        Optional<Long> size = ImageInspector.virtualSizeOfQcow2(disk);
        if (size.isPresent() && size.get() < bytes) {
            tool.resize(disk, bytes);
            DurableFiles.sync(disk);
        }
    }

    private static RuntimeException failed(Path file, IOException cause) {
        return NoSpace.isCauseOf(cause)
                ? QemuImg.noSpace(file)
                : new UncheckedIOException("cannot create " + file + ": " + cause.getMessage(), cause);
    }
}
