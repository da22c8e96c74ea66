package io.trustedlaunch.testkit.faultydisk;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Decides which writes of this process fail. Writes of all threads are counted from 1 while counting is on. */
public final class DiskFaults {
    private static boolean counting;
    private static int writes;
    private static int failing;
    private static int healing;
    private static Kind kind;
    private static final List<String> FAILED = new ArrayList<>();
    private static final List<String> DONE = new ArrayList<>();

    /** The error of a failed system call. */
    public enum Kind {
        NO_SPACE("No space left on device"),
        IO_ERROR("Input/output error");

        private final String message;

        Kind(String message) {
            this.message = message;
        }
    }

    private DiskFaults() {}

    /** Lets the writes from {@code first} (inclusive) to {@code end} (exclusive) fail. */
    public static synchronized void plan(int first, int end, Kind how) {
        counting = false;
        writes = 0;
        failing = first;
        healing = end;
        kind = how;
        FAILED.clear();
        DONE.clear();
    }

    /** Turns counting on or off; uncounted writes never fail, for what a guest or a test writes. */
    public static synchronized void count(boolean now) {
        counting = now;
    }

    /** Runs writes that stand for those of another process. */
    public static void uncounted(Runnable writes) {
        boolean before = counting();
        count(false);
        try {
            writes.run();
        } finally {
            count(before);
        }
    }

    private static synchronized boolean counting() {
        return counting;
    }

    public static synchronized void heal() {
        healing = 0;
    }

    /** The writes that failed, in order. */
    public static synchronized List<String> failed() {
        return List.copyOf(FAILED);
    }

    /** The counted operations that succeeded, in order, each with its path; without writes to open files. */
    public static synchronized List<String> done() {
        return List.copyOf(DONE);
    }

    static synchronized boolean isNext() {
        if (!counting) {
            return false;
        }
        writes++;
        return writes >= failing && writes < healing;
    }

    static synchronized IOException failure(String operation, Path path) {
        FAILED.add(operation + " " + path);
        return new FileSystemException(path.toString(), null, kind.message);
    }

    static synchronized void before(String operation, Path path) throws IOException {
        if (isNext()) {
            throw failure(operation, path);
        }
        if (counting) {
            DONE.add(operation + " " + path);
        }
    }
}
