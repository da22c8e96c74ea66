package io.trustedlaunch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @Test
    void inputIsPassedAndOutputIsKept() {
        Command.Result result = new Command(List.of("cat"), "hello".getBytes(StandardCharsets.UTF_8), SOON).run();

        assertThat(result.succeeded()).isTrue();
        assertThat(result.output()).isEqualTo("hello");
    }

    @Test
    void aFailureHasAnExitCodeAndTheEndOfTheOutput() {
        Command.Result result = Command.of(SOON, "ls", "/no/such/folder").run();

        assertThat(result.succeeded()).isFalse();
        assertThat(result.exitCode()).isPositive();
        assertThat(result.outputTail()).contains("/no/such/folder");
    }

    @Test
    void aProgramThatTakesTooLongIsKilledWithItsChildren() {
        Command.Result result =
                Command.of(Duration.ofMillis(200), "sh", "-c", "sleep 60; true").run();

        assertThat(result.timedOut()).isTrue();
        assertThat(result.succeeded()).isFalse();
    }

    @Test
    void anOpenFileCanBeTheInput(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "hello");

        assertThat(Command.of(SOON, "cat").withInput(file).run().output()).isEqualTo("hello");
    }

    @Test
    void anArgumentIsNeverReadByAShell() {
        assertThat(Command.of(SOON, "echo", "$(id)", ";", "x y").run().output().strip())
                .isEqualTo("$(id) ; x y");
    }

    @Test
    void outputIsTruncatedAtTheLimit() {
        Command.Result result =
                Command.of(SOON, "head", "-c", "1000000", "/dev/zero").run();

        assertThat(result.succeeded()).isTrue();
        assertThat(result.output().length()).isLessThanOrEqualTo(64 * 1024);
    }

    @Test
    void thisProcessesEnvironmentIsNotPassed() {
        assertThat(Command.of(SOON, "env").run().output()).doesNotContain("HOME", "JAVA_HOME");
    }

    @Test
    void aVariableThatIsGivenIsPassed() {
        assertThat(Command.of(SOON, "env")
                        .withEnvironment(Map.of("GIVEN", "given"))
                        .run()
                        .output())
                .contains("GIVEN=given");
    }

    @Test
    void aMissingProgramIsReported() {
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> Command.of(SOON, "no-such-program").run())
                .withMessageContaining("no-such-program");
    }
}
