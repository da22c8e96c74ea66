package io.trustedlaunch.agent.location;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Locks of open file descriptions. Java's are those of the process, which loses them when it closes the file anywhere. */
public final class OpenFileLocks implements FileLocks {
    /** Functions of the C library that Java does not offer. */
    interface Calls extends Library {
        int open(String path, int flags) throws LastErrorException;

        int fcntl(int file, int command, Object... lock) throws LastErrorException;

        int close(int file) throws LastErrorException;
    }

    private static final Calls C = Native.load("c", Calls.class);

    /** O_RDWR; O_NONBLOCK, so that a pipe in place of the file does not block; O_NOFOLLOW; O_CLOEXEC. */
    private static final int FLAGS = 02 | 04000 | 0400000 | 02000000;

    private static final int F_OFD_GETLK = 36;
    private static final int F_OFD_SETLK = 37;
    private static final short F_RDLCK = 0;
    private static final short F_WRLCK = 1;
    private static final short F_UNLCK = 2;

    /** The size of struct flock, and where l_type, l_start and l_len are in it; l_whence is SEEK_SET, 0. */
    private static final int SIZE = 32;

    private static final int TYPE = 0;
    private static final int START = 8;
    private static final int LENGTH = 16;

    @Override
    public Held hold(Path file) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        int opened = open(file);
        try {
            lock(file, opened, F_OFD_SETLK, F_RDLCK);
        } catch (IOException e) {
            C.close(opened);
            throw e;
        }
        return () -> C.close(opened);
    }

    @Override
    public boolean isHeld(Path file) throws IOException {
        int opened = open(file);
        try {
            return lock(file, opened, F_OFD_GETLK, F_WRLCK) != F_UNLCK;
        } finally {
            C.close(opened);
        }
    }

    private static int open(Path file) throws IOException {
        try {
            return C.open(file.toString(), FLAGS);
        } catch (LastErrorException e) {
            throw new IOException("cannot open " + file + ": error " + e.getErrorCode(), e);
        }
    }

    /** Returns the type of the lock that the kernel answers. */
    private static short lock(Path file, int opened, int command, short type) throws IOException {
        try (Memory lock = new Memory(SIZE)) {
            lock.clear();
            lock.setShort(TYPE, type);
            lock.setLong(START, 0);
            lock.setLong(LENGTH, 1);
            C.fcntl(opened, command, lock);
            return lock.getShort(TYPE);
        } catch (LastErrorException e) {
            throw new IOException("the file system refuses a lock on " + file + ": error " + e.getErrorCode(), e);
        }
    }
}
