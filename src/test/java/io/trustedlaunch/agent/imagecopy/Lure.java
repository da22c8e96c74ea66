package io.trustedlaunch.agent.imagecopy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.process.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A path that detects being opened: a FIFO with a writer that waits for a reader. */
record Lure(Path path, Process writer) implements AutoCloseable {
    static Lure at(Path path) throws IOException {
        make(path);
        return new Lure(path, Command.start(List.of("sh", "-c", "exec 3> \"$0\"", path.toString())));
    }

    /** A FIFO without a writer, which blocks its readers. */
    static void make(Path path) {
        assertThat(Command.of(Duration.ofSeconds(5), "mkfifo", path.toString())
                        .run()
                        .succeeded())
                .isTrue();
    }

    void assertUntouched() {
        assertThat(writer.isAlive()).as("not opened:  " + path).isTrue();
    }

    void assertOpened() {
        await("a reader of " + path).until(() -> !writer.isAlive());
    }

    @Override
    public void close() {
        writer.destroyForcibly();
    }
}
