package io.trustedlaunch.files;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;

/**
 * A file or folder that was opened without following a link in any part of its path. A program that gets it as its standard
 * input cannot be led to another file by someone who can write to the folders, nor can what is opened below it.
 */
public final class OpenFile implements AutoCloseable {
    /** Functions of the C library: the JDK follows links in all parts of a path but the last, and names no descriptor. */
    interface Calls extends Library {
        int open(String path, int flags);

        int openat(int folder, String name, int flags);

        int close(int file);
    }

    private static final Calls C = Native.load("c", Calls.class);

    /**
     * O_PATH, which finds a file and does not open it: to open a device in its place may do something, and a pipe blocks;
     * O_NOFOLLOW, which finds a link itself; O_CLOEXEC.
     */
    private static final int FILE = 010000000 | 0400000 | 02000000;

    /** O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC. */
    private static final int FOLDER = 0200000 | 0400000 | 02000000;

    /** O_DIRECTORY, O_CLOEXEC. */
    private static final int LINKED_FOLDER = 0200000 | 02000000;

    private static final int ENOENT = 2;

    /** ENOTDIR of a file or a link, ELOOP of a link. */
    private static final Set<Integer> NOT_WHAT_IT_SHOULD_BE = Set.of(20, 40);

    private final int descriptor;

    private OpenFile(int descriptor) {
        this.descriptor = descriptor;
    }

    /** @param file absolute */
    public static OpenFile open(Path file) throws IOException {
        OpenFile at = new OpenFile(C.open("/", FOLDER));
        for (Path part : file.getParent()) {
            try (OpenFile folder = at) {
                at = folder.next(part, FOLDER, file);
            }
        }
        try (OpenFile folder = at) {
            return folder.regular(file.getFileName(), file);
        }
    }

    /** @param folder which only this host's administrator can replace; there may be links on the way to it */
    public static OpenFile openFolder(Path folder) throws IOException {
        int opened = C.open(folder.toString(), LINKED_FOLDER);
        if (opened < 0) {
            throw failed(folder, folder);
        }
        return new OpenFile(opened);
    }

    /** A file in this folder; stays open when this is closed. {@link NoSuchFileException} if there is none. */
    public OpenFile file(String name) throws IOException {
        return regular(Path.of(name), Path.of(name));
    }

    /** A folder in this folder; stays open when this is closed. {@link NoSuchFileException} if there is none. */
    public OpenFile folder(String name) throws IOException {
        return next(Path.of(name), FOLDER, Path.of(name));
    }

    private OpenFile regular(Path name, Path whole) throws IOException {
        OpenFile opened = next(name, FILE, whole);
        if (!Files.isRegularFile(opened.path())) {
            opened.close();
            throw new ForeignFileException("cannot open " + whole + ": it is a link, or of another kind than a file");
        }
        return opened;
    }

    private OpenFile next(Path part, int flags, Path whole) throws IOException {
        int next = C.openat(descriptor, part.toString(), flags);
        if (next < 0) {
            throw failed(part, whole);
        }
        return new OpenFile(next);
    }

    /** Called right after the failed call: the error's number is the last one of this thread. */
    private static IOException failed(Path part, Path whole) {
        int error = Native.getLastError();
        if (error == ENOENT) {
            return new NoSuchFileException(whole.toString(), null, part + " is missing");
        }
        return NOT_WHAT_IT_SHOULD_BE.contains(error)
                ? new ForeignFileException("cannot open " + whole + ": " + part + " is a link, or of another kind")
                : new IOException("cannot open " + whole + ": error " + error + " at " + part);
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
