package io.trustedlaunch.testkit;

import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder in which failpoints are armed; a process that passes one removes its file and dies. */
public record FailpointFolder(Path path) {
    /** Stands for the death of a process whose code runs inside the test; it is an Error so that no handler catches it. */
    public static final class Died extends Error {
        private static final long serialVersionUID = 1L;

        Died(Failpoint at) {
            super(at.id());
        }
    }

    public FailpointFolder {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The process that passes the failpoint next dies there. */
    public void arm(Failpoint point) {
        try {
            Files.createFile(path.resolve(point.id()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot arm " + point.id() + " in " + path, e);
        }
    }

    public void disarm(Failpoint point) {
        try {
            Files.deleteIfExists(path.resolve(point.id()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot disarm " + point.id() + " in " + path, e);
        }
    }

    /** Whether it is armed and was not passed yet. */
    public boolean isArmed(Failpoint point) {
        return Files.exists(path.resolve(point.id()));
    }

    /** Failpoints for code that runs inside the test: a death is thrown as {@link Died}. */
    public Failpoints deadly() {
        return Failpoints.in(path, point -> {
            throw new Died(point);
        });
    }

    /** Repeats the action until it does not die, with a restart after each death. */
    public static void untilItRuns(Runnable action, Runnable restart) {
        while (true) {
            try {
                action.run();
                return;
            } catch (Died died) {
                restart.run();
            }
        }
    }
}
