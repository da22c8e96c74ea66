package io.trustedlaunch.agent.disks;

import io.trustedlaunch.agent.host.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A folder of the administrator's alone, in the location itself so that what is finished can be renamed into place;
 * gone when closed.
 */
record Staging(Path folder) implements AutoCloseable {
    /** Named anew each time: a tool that outlived a dead agent may still write into the folder that it was given. */
    static Staging open(Path location, String nodeName, Supplier<UUID> names) throws IOException {
        Path own = root(location, nodeName);
        if (!Files.isDirectory(own, LinkOption.NOFOLLOW_LINKS)) {
            makePrivate(own);
        }
        Path folder = own.resolve(names.get().toString());
        makePrivate(folder);
        return new Staging(folder);
    }

    /** What an agent that died left behind. A location can be shared: only this node's own is touched. */
    static void removeLeftovers(Path location, String nodeName) throws IOException {
        DurableFiles.deleteTree(root(location, nodeName));
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    @Override
    public void close() throws IOException {
        DurableFiles.deleteTree(folder);
    }

    private static Path root(Path location, String nodeName) {
        return location.resolve(".staging-" + nodeName);
    }

    private static void makePrivate(Path folder) throws IOException {
        Files.createDirectory(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
}
