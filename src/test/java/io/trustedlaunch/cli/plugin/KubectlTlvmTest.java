package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.cli.Commands;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            images -n finance                    | images -n finance
            -n finance images                    | images -n finance
            -n=finance --context lab images -a   | images -a -n=finance --context lab
            --as jane backup list -A             | backup list -A --as jane
            -n finance ssh payroll -- ls -l      | ssh payroll -n finance -- ls -l
            --help images                        | images --help
            --nope images                        | images --nope
            -n                                   | -n
            --version                            | --version
            """)
    void flagsMayStandBeforeTheVerb(String arguments, String taken) {
        assertThat(String.join(" ", KubectlTlvm.verbFirst(arguments.split(" +"))))
                .isEqualTo(taken);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            images --nope | error: Unknown option: '--nope'
            images x      | error: Unmatched argument at index 1: 'x'
            migrate       | error: Missing required parameter: 'VM'
            """)
    void whatIsWrongIsOneLineAndWhereTheHelpIs(String arguments, String line) {
        String[] words = arguments.split(" ");
        Ended ended = run(KubectlTlvm.line(words), words);

        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err().lines())
                .startsWith(line)
                .last()
                .asString()
                .matches("See 'kubectl tlvm [a-z ]+ --help'\\.");
        assertThat(ended.err().lines()).hasSizeLessThan(4);
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
