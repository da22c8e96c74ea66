package io.trustedlaunch.failpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kills the process at an armed {@link Failpoint}, once. A file with the point's name in the given folder arms it; the
 * file is deleted before the process dies, so that the next process passes. Without a folder, no point is armed. Each point
 * that is passed is logged at DEBUG, so that the logs show what a start or a migration spends its time on.
 */
public final class Failpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Failpoints.class);
    private static final int AS_IF_SIGKILLED = 137;

    private final Consumer<Failpoint> reached;

    private Failpoints(Consumer<Failpoint> reached) {
        this.reached = reached;
    }

    /** The failpoints of production: none is ever armed. */
    public static Failpoints none() {
        return new Failpoints(point -> {});
    }

    /** Points armed by files in {@code folder}; the process halts there, without hooks or finally blocks. */
    public static Failpoints in(Path folder) {
        return in(folder, point -> Runtime.getRuntime().halt(AS_IF_SIGKILLED));
    }

    /** Works like {@link #in}, but calls {@code end} instead of ending the process. */
    public static Failpoints in(Path folder, Consumer<Failpoint> end) {
        return new Failpoints(point -> {
            if (disarmed(folder, point)) {
                end.accept(point);
            }
        });
    }

    /** Calls {@code reached} at each point, for tests that decide there what happens. */
    public static Failpoints calling(Consumer<Failpoint> reached) {
        return new Failpoints(reached);
    }

    private static boolean disarmed(Path folder, Failpoint point) {
        try {
            return Files.deleteIfExists(folder.resolve(point.id()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot disarm " + point.id(), e);
        }
    }

    /** Called at the point. */
    public void reached(Failpoint point) {
        LOG.debug("{}", point.id());
        reached.accept(point);
    }
}
