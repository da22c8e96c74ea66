package io.trustedlaunch.agent.disks;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that was opened without following a link in any part of its path. A program that gets it as its standard input
 * cannot be led to another file by someone who can write to the folders.
 */
public final class OpenFile implements AutoCloseable {
    /** Functions of the C library: the JDK follows links in all parts of a path but the last, and names no descriptor. */
    interface Calls extends Library {
        int open(String path, int flags);

        int openat(int folder, String name, int flags);

        int close(int file);
    }

    private static final Calls C = Native.load("c", Calls.class);

    /** O_NONBLOCK, so that a pipe in place of the file does not block; O_NOFOLLOW; O_CLOEXEC. */
    private static final int FILE = 04000 | 0400000 | 02000000;

    /** O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC. */
    private static final int FOLDER = 0200000 | 0400000 | 02000000;

    private final int descriptor;

    private OpenFile(int descriptor) {
        this.descriptor = descriptor;
    }

    /** @param file absolute */
    public static OpenFile open(Path file) throws IOException {
        OpenFile at = new OpenFile(C.open("/", FOLDER));
        for (Path part : file.getParent()) {
            at = at.next(part, FOLDER, file);
        }
        OpenFile opened = at.next(file.getFileName(), FILE, file);
        if (!Files.isRegularFile(opened.path())) {
            opened.close();
            throw new IOException("cannot open " + file + ": it is not a file");
        }
        return opened;
    }

    private OpenFile next(Path part, int flags, Path whole) throws IOException {
        try (this) {
            int next = C.openat(descriptor, part.toString(), flags);
            if (next < 0) {
                throw new IOException("cannot open " + whole + ": " + part + " is missing, or a link");
            }
            return new OpenFile(next);
        }
    }

    /** Leads to the file itself, wherever it is now; for this process only. */
    public Path path() {
        return Path.of("/proc/self/fd", Integer.toString(descriptor));
    }

    @Override
    public void close() {
        C.close(descriptor);
    }
}
