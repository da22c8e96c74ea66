package io.trustedlaunch.agent.incarnation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.host.DurableFiles;
import io.trustedlaunch.testkit.faultydisk.FaultyDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever an agent writes in a VM's life fails once, or from then on until the disk is mended. {@link LifeOnAFaultyDisk}
 * says what must be so all the same. Each write fails in one of the four ways; with {@code -Dfaulty.disk=every}, in each.
 */
class FaultyDiskTest {
    private static final int WAYS = 4;

    @ParameterizedTest
    @CsvSource({"1, NO_SPACE, false", "2, NO_SPACE, true", "3, IO_ERROR, false", "4, IO_ERROR, true"})
    void aLifeGoesOnWhicheverWriteFails(int first, String kind, boolean lasts) throws Exception {
        boolean every = "every".equals(System.getProperty("faulty.disk"));
        Path folder = Files.createTempDirectory(inMemory(), "faulty-disk-");
        try {
            Process lives = start(List.of(
                    folder.toString(),
                    kind,
                    Boolean.toString(lasts),
                    Integer.toString(every ? 1 : first),
                    Integer.toString(every ? 1 : WAYS)));
            String told = new String(lives.getInputStream().readAllBytes(), UTF_8);

            assertThat(lives.waitFor()).as(told).isZero();
            System.out.println(kind + (lasts ? " that lasts: " : " once: ") + told.strip());
        } finally {
            DurableFiles.deleteTree(folder);
        }
    }

    /** So that it is not the machine's disk that the time is spent on. */
    private static Path inMemory() {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
    }

    private static Process start(List<String> arguments) throws IOException {
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.nio.file.spi.DefaultFileSystemProvider=" + FaultyDisk.class.getName(),
                "-cp",
                System.getProperty("java.class.path"),
                FaultyDiskStories.class.getName());
        java.command().addAll(arguments);
        java.environment().put("LOG_LEVEL", "OFF");
        return java.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }
}
