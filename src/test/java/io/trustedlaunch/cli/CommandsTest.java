package io.trustedlaunch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.trustedlaunch.cli.plugin.KubectlTlvm;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;

class CommandsTest {
    @ParameterizedTest
    @MethodSource
    void everyCommandSaysItsVersion(CommandLine line) {
        StringWriter out = new StringWriter();

        int code = line.setOut(new PrintWriter(out)).execute("--version");

        assertThat(code).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).startsWith("Trusted Launch Operator ");
    }

    static Stream<CommandLine> everyCommandSaysItsVersion() {
        return Stream.of(new Main(), new KubectlTlvm()).map(Commands::line).flatMap(CommandsTest::withAllBelow);
    }

    private static Stream<CommandLine> withAllBelow(CommandLine line) {
        return Stream.concat(
                Stream.of(line), line.getSubcommands().values().stream().flatMap(CommandsTest::withAllBelow));
    }
}
