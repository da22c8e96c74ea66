package io.trustedlaunch.agent.incarnation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.files.FileTree;
import io.trustedlaunch.testkit.faultydisk.FaultyDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/**
 * A write of an agent fails once, or from then on until the disk is repaired; {@link IncarnationOnAFaultyDisk} has the
 * invariants. A run fails one write of six, in one of four ways; {@code -Dfaulty.disk=N} repeats a sixth, and with
 * {@code -Dfaulty.disk=every} each write fails in each way.
 */
class FaultyDiskTest {
    private static final String WHICH = "faulty.disk";

    @Test
    void everyStoryEndsWellWhicheverWriteFails() throws Exception {
        Path folder = Files.createTempDirectory(inMemory(), "faulty-disk-");
        String which = System.getProperty(
                WHICH, Integer.toString(ThreadLocalRandom.current().nextInt(FaultyDiskStories.PARTS)));
        System.out.println("-D" + WHICH + "=" + which);
        Process stories = start(folder, which);
        try {
            String output = new String(stories.getInputStream().readAllBytes(), UTF_8);
            assertThat(stories.waitFor()).as(output).isZero();
            System.out.print(output);
        } finally {
            stories.destroyForcibly().onExit().join();
            FileTree.of(folder).delete();
        }
    }

    /** The machine's disk would take most of the time. */
    private static Path inMemory() {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
    }

    private static Process start(Path folder, String which) throws IOException {
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.nio.file.spi.DefaultFileSystemProvider=" + FaultyDisk.class.getName(),
                "-cp",
                System.getProperty("java.class.path"),
                FaultyDiskStories.class.getName(),
                folder.toString(),
                which);
        java.environment().put("LOG_LEVEL", "OFF");
        return java.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }
}
