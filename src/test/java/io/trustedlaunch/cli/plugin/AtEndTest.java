package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.cli.plugin.download.PartFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtEndTest {
    @TempDir
    private Path folder;

    @Test
    void whatEndsByItselfIsDoneOnce() {
        AtomicInteger done = new AtomicInteger();
        try (AtEnd work = new AtEnd(done::incrementAndGet)) {
            assertThat(done).hasValue(0);
        }
        assertThat(done).hasValue(1);
    }

    /** Its main thread ends meanwhile, as one does whose session is gone. */
    @Test
    void aDownloadThatIsInterruptedLeavesNoFileAndPrintsNoStackTrace() throws IOException, InterruptedException {
        Process download = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Interrupted.class.getName(),
                        folder.resolve("root.raw").toString())
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output = download.inputReader()) {
            assertThat(output.readLine()).isEqualTo("begun");
            assertThat(folder.resolve("root.raw.part")).exists();
            // Its output stays open.
            download.toHandle().destroy();
            assertThat(output.lines()).containsExactly("done");
        } finally {
            download.destroyForcibly();
        }
        assertThat(download.waitFor(20, TimeUnit.SECONDS)).isTrue();
        try (var files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    /** A process of its own. */
    static final class Interrupted {
        private Interrupted() {}

        public static void main(String[] file) throws Exception {
            CountDownLatch shutdown = new CountDownLatch(1);
            CountDownLatch left = new CountDownLatch(1);
            try (PartFile part = PartFile.create(Path.of(file[0]), false);
                    AtEnd removal = new AtEnd(() -> {
                        part.abandon();
                        shutdown.countDown();
                        await(left);
                        System.out.println("done");
                    })) {
                System.out.println("begun");
                await(shutdown);
            } finally {
                left.countDown();
            }
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
