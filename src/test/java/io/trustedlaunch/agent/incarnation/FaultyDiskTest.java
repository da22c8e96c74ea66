package io.trustedlaunch.agent.incarnation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.agent.host.DurableFiles;
import io.trustedlaunch.testkit.faultydisk.DiskFaults;
import io.trustedlaunch.testkit.faultydisk.FaultyDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Whatever an agent writes in a VM's life and moves fails once, or from then on until the disk is mended. {@link LifeOnAFaultyDisk}
 * says what must be so all the same. Each write fails in one of the four ways; with {@code -Dfaulty.disk=every}, in each.
 */
class FaultyDiskTest {
    private static final List<Way> WAYS = List.of(
            new Way(1, DiskFaults.Kind.NO_SPACE, false),
            new Way(2, DiskFaults.Kind.NO_SPACE, true),
            new Way(3, DiskFaults.Kind.IO_ERROR, false),
            new Way(4, DiskFaults.Kind.IO_ERROR, true));

    /** @param first the first write that fails so, where each fails in one way */
    private record Way(int first, DiskFaults.Kind kind, boolean lasts) {
        @Override
        public String toString() {
            return kind + (lasts ? " that lasts" : " once");
        }
    }

    /** All ways at once: a life waits for the tools that it runs more than it computes. */
    @Test
    void aLifeGoesOnWhicheverWriteFails() throws Exception {
        Path folder = Files.createTempDirectory(inMemory(), "faulty-disk-");
        Map<Way, Process> lives = new LinkedHashMap<>();
        try {
            for (Way way : WAYS) {
                lives.put(way, start(way, Files.createDirectory(folder.resolve("way-" + way.first()))));
            }
            for (Map.Entry<Way, Process> played : lives.entrySet()) {
                String told = new String(played.getValue().getInputStream().readAllBytes(), UTF_8);

                assertThat(played.getValue().waitFor())
                        .as(played.getKey() + ": " + told)
                        .isZero();
                System.out.println(played.getKey() + ": " + told.strip());
            }
        } finally {
            lives.values().forEach(FaultyDiskTest::end);
            DurableFiles.deleteTree(folder);
        }
    }

    private static void end(Process process) {
        process.destroyForcibly().onExit().join();
    }

    /** So that it is not the machine's disk that the time is spent on. */
    private static Path inMemory() {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
    }

    private static Process start(Way way, Path folder) throws IOException {
        boolean every = "every".equals(System.getProperty("faulty.disk"));
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.nio.file.spi.DefaultFileSystemProvider=" + FaultyDisk.class.getName(),
                "-cp",
                System.getProperty("java.class.path"),
                FaultyDiskStories.class.getName(),
                folder.toString(),
                way.kind().name(),
                Boolean.toString(way.lasts()),
                Integer.toString(every ? 1 : way.first()),
                Integer.toString(every ? 1 : WAYS.size()));
        java.environment().put("LOG_LEVEL", "OFF");
        return java.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }
}
