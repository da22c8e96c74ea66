package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.host.HypervisorAccount;
import io.trustedlaunch.files.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A folder for root only, in the storage location so that a finished file can be renamed to its place. Removed when
 * closed.
 */
record Staging(Path location, Path folder, HypervisorAccount account) implements AutoCloseable {
    /** The folder gets a new name each time, since a tool of an earlier agent process may still write to its own folder. */
    static Staging open(Path location, String nodeName, HypervisorAccount account, Supplier<UUID> names)
            throws IOException {
        Path own = root(location, nodeName);
        if (!Files.isDirectory(own, LinkOption.NOFOLLOW_LINKS)) {
            makePrivate(own);
        }
        Path folder = own.resolve(names.get().toString());
        makePrivate(folder);
        return new Staging(location, folder, account);
    }

    /** Removes what an earlier agent process of this node left; other nodes may share the location. */
    static void removeLeftovers(Path location, String nodeName) throws IOException {
        FileTree.of(root(location, nodeName)).delete();
    }

    /** An empty file for the hypervisor's user, as whom tools run. */
    Path create(String name) throws IOException {
        Path file = Files.createFile(folder.resolve(name));
        account.give(file);
        return file;
    }

    @Override
    public void close() throws IOException {
        new FileTree(location, location.relativize(folder)).delete();
    }

    private static Path root(Path location, String nodeName) {
        return location.resolve(".staging-" + nodeName);
    }

    private static void makePrivate(Path folder) throws IOException {
        Files.createDirectory(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
}
