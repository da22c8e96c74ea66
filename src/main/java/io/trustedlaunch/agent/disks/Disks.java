package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.host.DurableFiles;
import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.agent.host.NoSpace;
import io.trustedlaunch.agent.host.RefusedException;
import io.trustedlaunch.agent.imageform.ImageInspector;
import io.trustedlaunch.api.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * A VM's disks. A disk gets its name when it is whole, belongs to the hypervisor from then on, and is never made again:
 * the caller says whether it may be made at all.
 */
public final class Disks {
    private final HypervisorAccount account;
    private final String nodeName;
    private final DiskTool tool;
    private final Supplier<UUID> names;
    private final Map<Path, Boolean> cleared = new ConcurrentHashMap<>();

    public Disks(HypervisorAccount account, String nodeName, DiskTool tool, Supplier<UUID> names) {
        this.account = account;
        this.nodeName = nodeName;
        this.tool = tool;
        this.names = names;
    }

    /** The folder and the console log, made if they are not there. */
    public void ensureFolder(VmFolder folder) {
        try {
            account.makePassage(folder.path());
            if (!Files.exists(folder.consoleLog(), LinkOption.NOFOLLOW_LINKS)) {
                Files.createFile(folder.consoleLog());
            }
            account.give(folder.consoleLog());
        } catch (IOException e) {
            throw failed(folder.consoleLog(), e);
        }
    }

    public boolean hasOsDisk(VmFolder folder) {
        return Files.exists(folder.osDisk(), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * The OS disk, grown at every start if it should be larger.
     *
     * @param image what it is made from; empty: it may not be made
     */
    public void ensureOsDisk(VmFolder folder, Optional<VerifiedImage> image, long bytes) {
        ensure(folder.osDisk(), bytes, image.isPresent(), staging -> copy(image.orElseThrow(), staging, bytes));
    }

    private Path copy(VerifiedImage image, Staging staging, long bytes) {
        if (image.virtualBytes() > bytes) {
            throw new RefusedException(
                    Reason.DiskTooSmall,
                    "osDisk.size is " + bytes + " bytes, and the image needs " + image.virtualBytes()
                            + ": raise osDisk.size");
        }
        Path finished = staging.file("os.qcow2");
        tool.convert(image.file(), image.format().imageFormat(), image.virtualBytes(), finished);
        if (image.virtualBytes() < bytes) {
            tool.resize(finished, bytes);
        }
        return finished;
    }

    public void ensureDataDisk(VmFolder folder, String name, long bytes, boolean mayMake) {
        ensure(folder.dataDisk(name), bytes, mayMake, staging -> {
            Path finished = staging.file("data.qcow2");
            tool.create(finished, bytes);
            return finished;
        });
    }

    /** A folder for a copy of another host's, with a mark that says so: whatever else comes to be in its place has none. */
    public void ensureCopyFolder(VmFolder folder, long epoch) {
        ensureFolder(folder);
        Path mark = mark(folder, epoch);
        try {
            if (!Files.exists(mark, LinkOption.NOFOLLOW_LINKS)) {
                DurableFiles.write(mark, new byte[0]);
            }
        } catch (IOException e) {
            throw failed(mark, e);
        }
    }

    /**
     * Removes what was made for a copy, and nothing else; nothing is success. The OS disk goes first: whatever a crash then
     * leaves, the mark or not, the next try still takes for a copy.
     */
    public void eraseCopy(VmFolder folder, long epoch) {
        if (Files.exists(mark(folder, epoch), LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.deleteIfExists(folder.osDisk());
            } catch (IOException e) {
                throw cannotRemove(folder, e);
            }
        }
        if (!hasOsDisk(folder)) {
            erase(folder);
        }
    }

    private Path mark(VmFolder folder, long epoch) {
        return folder.path().resolve(".copy@" + nodeName + "@" + epoch);
    }

    /** Empty, for another host's to be copied into. */
    public void ensureBlank(Path disk, long bytes) {
        ensure(disk, bytes, true, staging -> {
            Path finished = staging.file("blank.qcow2");
            tool.create(finished, bytes);
            return finished;
        });
    }

    /** Removes all that a VM has in its location; nothing is success. */
    public void erase(VmFolder folder) {
        try {
            DurableFiles.deleteTree(folder.path());
        } catch (IOException e) {
            throw cannotRemove(folder, e);
        }
    }

    private static UncheckedIOException cannotRemove(VmFolder folder, IOException why) {
        return new UncheckedIOException("cannot remove " + folder.path(), why);
    }

    /** Clears away what an agent that died was making: once for each location, before anything is made there. */
    public void clearLeftovers(Path location) {
        cleared.computeIfAbsent(location, this::clear);
    }

    private boolean clear(Path location) {
        try {
            Staging.removeLeftovers(location, nodeName);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clear the staging folder of " + location, e);
        }
    }

    private interface Maker {
        Path make(Staging staging) throws IOException;
    }

    private void ensure(Path disk, long bytes, boolean mayMake, Maker maker) {
        try {
            if (Files.exists(disk, LinkOption.NOFOLLOW_LINKS)) {
                grow(disk, bytes);
                return;
            }
            if (!mayMake) {
                throw new RefusedException(
                        Reason.DiskMissing,
                        "disk " + disk + " was made once and is gone: bring it back; none is made in its place");
            }
            Path location = disk.getParent().getParent();
            clearLeftovers(location);
            try (Staging staging = Staging.open(location, nodeName, names)) {
                Path finished = maker.make(staging);
                account.give(finished);
                DurableFiles.publish(finished, disk);
            }
        } catch (IOException e) {
            throw failed(disk, e);
        }
    }

    /** The size is read here, not by a tool: since the guest ran, this is its file. */
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
                : new UncheckedIOException("cannot make " + file + ": " + cause.getMessage(), cause);
    }
}
