package io.trustedlaunch.fencer.device;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.fencer.device.FenceProgram.Ended;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FenceProgramTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    @Test
    void aProgramGetsItsOptionsOnStandardInputAndNoArgument() throws IOException {
        assertThat(run("echo \"$# $(cat)\"; echo problem >&2; exit 3", "password=x"))
                .isEqualTo(new Ended(3, "0 password=x\nproblem\n"));
    }

    @Test
    void aProgramHasNothingOfThisProcessesEnvironment() throws IOException {
        assertThat(System.getenv()).containsKey("HOME");
        assertThat(run("echo \"${HOME-none} $GIVEN\"", "").output()).isEqualTo("none given\n");
    }

    @Test
    void itsOutputIsBounded() throws IOException {
        assertThat(run("head -c 1000000 /dev/zero", "").output()).hasSize(16 * 1024);
    }

    @Test
    @Timeout(value = 1, unit = MINUTES)
    void itIsKilledWithItsChildrenWhenItsTimeIsOver() throws IOException {
        Path child = folder.resolve("child");
        Ended ended = FenceProgram.run(
                script("sleep 600 & echo $! >" + child + "; wait"), "", Map.of(), Duration.ofSeconds(3));
        assertThat(ended.exitCode()).isEqualTo(-1);
        Path state = Path.of("/proc", Files.readString(child).strip(), "status");
        await("the end of the child")
                .until(() -> !Files.exists(state) || Files.readString(state).contains("State:\tZ"));
    }

    @Test
    void aProgramThatIsNotThereIsAnError() {
        assertThatThrownBy(() -> FenceProgram.run("fence_nothing", "", Map.of(), LONG))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot run fence_nothing");
    }

    private Ended run(String text, String input) throws IOException {
        return FenceProgram.run(script(text), input, Map.of("GIVEN", "given"), LONG);
    }

    private String script(String text) throws IOException {
        Path script = folder.resolve("agent");
        Files.writeString(script, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        return script.toString();
    }
}
