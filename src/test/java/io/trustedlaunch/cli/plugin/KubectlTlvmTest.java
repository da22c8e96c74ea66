package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.cli.Commands;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** A line with what its arguments need says what the one with everything says. */
class KubectlTlvmTest {
    private record Ended(int code, String out, String err) {}

    @ParameterizedTest
    @MethodSource
    void aCommandHelpsAsBefore(String command) {
        assertThat(run(KubectlTlvm.line(command, "--help"), command, "--help"))
                .isEqualTo(run(whole(), command, "--help"));
    }

    static Stream<String> aCommandHelpsAsBefore() {
        return whole().getSubcommands().keySet().stream();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--help",
                "-h",
                "-V",
                "--version",
                "--nope",
                "imges",
                "imges --help",
                "images --nope",
                "images x",
                "--help images",
                "--help images --all",
                "backup",
                "backup list --nope",
                "backup lst",
                "node approve"
            })
    void theSameIsSaidOf(String arguments) {
        String[] words =
                Stream.of(arguments.split(" ")).filter(word -> !word.isEmpty()).toArray(String[]::new);

        assertThat(run(KubectlTlvm.line(words), words)).isEqualTo(run(whole(), words));
    }

    @Test
    void onlyTheCommandThatIsNamedIsRead() {
        assertThat(KubectlTlvm.line("images").getSubcommands()).containsOnlyKeys("images");
    }

    private static CommandLine whole() {
        return Commands.line(new KubectlTlvm());
    }

    private static Ended run(CommandLine line, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
        return new Ended(code, out.toString(), err.toString());
    }
}
