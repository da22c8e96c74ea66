package io.trustedlaunch.agent.tpm;

import io.trustedlaunch.files.DurableFiles;
import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.stream.Stream;

/** A folder that only swtpm's user and root can enter; removed when closed. */
record PrivateFolder(Path path, UserPrincipal owner) implements AutoCloseable {
    private static final Duration MKFIFO = Duration.ofSeconds(10);

    /** First removes a folder that a crash left at this path. */
    static PrivateFolder create(Path path, String user) {
        try {
            UserPrincipal owner =
                    path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user);
            Files.createDirectories(path.getParent(), mode("rwx--x--x"));
            FileTree.of(path).delete();
            Files.createDirectory(path, mode("rwx------"));
            Files.setOwner(path, owner);
            return new PrivateFolder(path, owner);
        } catch (IOException e) {
            throw failed("create folder", path, e);
        }
    }

    /** Copies a file into it, writable by the owner. */
    void copyIn(Path file, String name) {
        Path copy = path.resolve(name);
        try {
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING, LinkOption.NOFOLLOW_LINKS);
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-------"));
            Files.setOwner(copy, owner);
        } catch (IOException e) {
            throw failed("copy TPM state to", copy, e);
        }
    }

    /** Writes a file into it, writable by the owner. */
    void write(String name, byte[] content) {
        Path file = path.resolve(name);
        try {
            Files.createFile(file, mode("rw-------"));
            Files.write(file, content);
            Files.setOwner(file, owner);
        } catch (IOException e) {
            throw failed("write TPM state to", file, e);
        }
    }

    /** Makes a named pipe in it, open at this end for reading and writing, so that neither end waits for the other to open. */
    FileChannel pipe(String name) {
        Path pipe = path.resolve(name);
        Command.Result made =
                Command.of(MKFIFO, "mkfifo", "-m", "600", pipe.toString()).run();
        if (!made.succeeded()) {
            throw new TpmException(new TpmFailure.ToolFailed("mkfifo failed: " + made.outputTail()));
        }
        try {
            Files.setOwner(pipe, owner);
            return FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw failed("open pipe", pipe, e);
        }
    }

    /** Makes its content durable. */
    void sync() {
        try (Stream<Path> tree = Files.walk(path)) {
            for (Path each : tree.toList()) {
                DurableFiles.sync(each);
            }
        } catch (IOException e) {
            throw failed("sync", path, e);
        }
    }

    @Override
    public void close() {
        try {
            FileTree.of(path).delete();
        } catch (IOException e) {
            throw failed("remove", path, e);
        }
    }

    private static FileAttribute<?> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    private static TpmException failed(String action, Path path, IOException cause) {
        return new TpmException(new TpmFailure.ToolFailed("cannot " + action + " " + path + ": " + cause), cause);
    }
}
