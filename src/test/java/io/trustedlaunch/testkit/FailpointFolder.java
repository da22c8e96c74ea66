package io.trustedlaunch.testkit;

import io.trustedlaunch.failpoint.Failpoint;
import io.trustedlaunch.failpoint.Failpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where points are armed, and where it is seen whether they were passed. */
public record FailpointFolder(Path path) {
    /** How what a test runs in its own process dies: no handler of its own catches an error. */
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

    /** Whoever passes the point next dies there. */
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

    /** It was not passed yet. */
    public boolean isArmed(Failpoint point) {
        return Files.exists(path.resolve(point.id()));
    }

    /** For what a test runs in its own process: it ends with {@link Died}. */
    public Failpoints deadly() {
        return Failpoints.in(path, point -> {
            throw new Died(point);
        });
    }

    /** Does it, and after each death brings to life what has died, and does it again. */
    public static void untilItLives(Runnable act, Runnable revival) {
        while (true) {
            try {
                act.run();
                return;
            } catch (Died died) {
                revival.run();
            }
        }
    }
}
