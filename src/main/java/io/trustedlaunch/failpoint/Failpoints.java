package io.trustedlaunch.failpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Kills the process at an armed {@link Failpoint}, once. A file with the point's name in the given folder arms it; the
 * file is deleted before the process dies, so that the next process passes. Without a folder, no point is armed.
 */
public final class Failpoints {
    private static final int AS_IF_SIGKILLED = 137;

    private final Path folder;
    private final Consumer<Failpoint> end;

    private Failpoints(Path folder, Consumer<Failpoint> end) {
        this.folder = folder;
        this.end = end;
    }

    /** For production: no point is ever armed. */
    public static Failpoints none() {
        return new Failpoints(null, point -> {});
    }

    /** Points armed by files in {@code folder}; the process halts there, without hooks or finally blocks. */
    public static Failpoints in(Path folder) {
        return new Failpoints(folder, point -> Runtime.getRuntime().halt(AS_IF_SIGKILLED));
    }

    /** As {@link #in}, but calls {@code end} instead of ending the process. */
    public static Failpoints in(Path folder, Consumer<Failpoint> end) {
        return new Failpoints(folder, end);
    }

    /** Called at the point. */
    public void reached(Failpoint point) {
        if (folder == null) {
            return;
        }
        try {
            if (Files.deleteIfExists(folder.resolve(point.id()))) {
                end.accept(point);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot disarm " + point.id(), e);
        }
    }
}
