package io.trustedlaunch.testkit.faultydisk;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which writes of this process fail: of all threads together, counted from 1 while they are counted at all. */
public final class DiskFaults {
    private static boolean counting;
    private static int writes;
    private static int failing;
    private static int healing;
    private static Kind kind;
    private static final List<String> FAILED = new ArrayList<>();
    private static final List<String> DONE = new ArrayList<>();

    /** What a system call answers. */
    public enum Kind {
        NO_SPACE("No space left on device"),
        IO_ERROR("Input/output error");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    private DiskFaults() {}

    /** The writes from {@code first} up to, and not including, {@code end} are to fail. */
    public static synchronized void plan(int first, int end, Kind how) {
        counting = false;
        writes = 0;
        failing = first;
        healing = end;
        kind = how;
        FAILED.clear();
        DONE.clear();
    }

    /** Until it is counted, nothing fails: what a guest or a test writes is not the agent's. */
    public static synchronized void count(boolean now) {
        counting = now;
    }

    /** What another process writes. */
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

    /** What failed, in its order. */
    public static synchronized List<String> failed() {
        return List.copyOf(FAILED);
    }

    /** What was done and did not fail, in its order: an operation and a path each, but for what is written to open files. */
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
        return new FileSystemException(path.toString(), null, kind.words);
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
