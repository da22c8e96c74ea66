package io.trustedlaunch.agent.shutdown;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** systemd's own check of the unit in {@code deploy/systemd}. */
class ShippedUnitTest {
    private static final Path SHIPPED = Path.of("deploy", "systemd");
    private static final String UNIT = "trusted-launch-stop-guests.service";
    private static final Path ANALYZE = Path.of("/usr/bin/systemd-analyze");

    @TempDir
    private Path folder;

    @Test
    void systemdAcceptsTheUnit() throws Exception {
        assumeTrue(Files.isExecutable(ANALYZE), "this machine has systemd");
        String unit = Files.readString(SHIPPED.resolve(UNIT));

        // systemd also checks that the command exists, which is not installed here.
        assertThat(problems(
                        unit.replace("/usr/local/sbin", SHIPPED.toAbsolutePath().toString())))
                .isEmpty();
        assertThat(problems(unit.replace("oneshot", "once"))).contains("once");
    }

    private String problems(String unit) throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve(UNIT), unit);
        Process analyze = new ProcessBuilder(ANALYZE.toString(), "verify", file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(analyze.getInputStream().readAllBytes(), UTF_8);
        return analyze.waitFor() == 0 && output.isEmpty() ? "" : output + "exit code " + analyze.exitValue();
    }
}
