package io.trustedlaunch.agent.host;

import io.trustedlaunch.files.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The agent's folders on its host. One process at a time has them: two agents would undo each other's records. The kernel
 * releases the lock however the process ends.
 */
public final class HostFolders implements AutoCloseable {
    private static final String LOCK = "lock";

    private final Path own;
    private final FileChannel lock;

    /** Another agent runs on this host. */
    public static final class InUseException extends Exception {
        private static final long serialVersionUID = 1L;

        InUseException(Path lock) {
            super("another agent is running on this host: it has locked " + lock + ". This agent ends. To replace the"
                    + " other one, stop it first; then start this one again");
        }
    }

    private HostFolders(Path own, FileChannel lock) {
        this.own = own;
        this.lock = lock;
    }

    /** Creates what is missing. To be called before anything in the folders is read. */
    public static HostFolders open(Path state, Path run) throws InUseException {
        Path own = state.resolve("agent");
        try {
            // QEMU and swtpm must be able to enter these; the agent's own folder is for root only.
            create(state, "rwx--x--x");
            create(own, "rwx------");
            create(run, "rwx--x--x");
            return new HostFolders(own, lock(own.resolve(LOCK)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create the agent's folders: " + e.getMessage(), e);
        }
    }

    /** The part of the state folder that only the agent enters. */
    public Path own() {
        return own;
    }

    private static FileChannel lock(Path file) throws IOException, InUseException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!isLocked(channel)) {
            channel.close();
            throw new InUseException(file);
        }
        return channel;
    }

    /** The JDK reports a lock of its own process by an exception. */
    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static void create(Path folder, String mode) throws IOException {
        DurableFiles.makeFolder(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot release the lock of the agent's folders", e);
        }
    }
}
