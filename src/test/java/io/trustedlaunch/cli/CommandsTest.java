package io.trustedlaunch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.trustedlaunch.agent.host.HostFolders;
import io.trustedlaunch.cli.agent.AgentMain;
import io.trustedlaunch.cli.fencer.FencerMain;
import io.trustedlaunch.cli.operator.OperatorMain;
import io.trustedlaunch.cli.plugin.KubectlTlvm;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
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
        return Stream.of(new OperatorMain(), new AgentMain(), new FencerMain(), new KubectlTlvm())
                .map(Commands::line)
                .flatMap(CommandsTest::withAllBelow);
    }

    /** A verb that nobody has named in its parent compiles, and does not exist. */
    @Test
    void eachVerbOfThePluginIsThere() {
        Set<String> verbs = new ClassFileImporter()
                .importPackages("io.trustedlaunch.cli.plugin").stream()
                        .filter(found -> found.isAnnotatedWith(Command.class))
                        .map(JavaClass::reflect)
                        .filter(found -> !Modifier.isAbstract(found.getModifiers()))
                        .map(Class::getName)
                        .collect(Collectors.toSet());

        assertThat(withAllBelow(Commands.line(new KubectlTlvm()))
                        .map(line ->
                                line.getCommandSpec().userObject().getClass().getName()))
                .containsAll(verbs);
    }

    @Test
    void anAgentBesideAnotherOneSaysSoAndEndsWithAnError(@TempDir Path host) throws Exception {
        StringWriter err = new StringWriter();
        Path state = host.resolve("state");
        Path run = host.resolve("run");
        try (HostFolders ofTheOtherOne = HostFolders.open(state, run)) {
            int code = Commands.line(new AgentMain())
                    .setErr(new PrintWriter(err))
                    .execute(
                            "agent",
                            "--node=host-a",
                            "--namespace=test",
                            "--hypervisor-user=root",
                            "--state-dir=" + state,
                            "--run-dir=" + run);

            assertThat(code).isEqualTo(ExitCode.SOFTWARE);
            assertThat(err.toString())
                    .contains(
                            "another agent is running on this host",
                            ofTheOtherOne.own().toString());
        }
    }

    private static Stream<CommandLine> withAllBelow(CommandLine line) {
        return Stream.concat(
                Stream.of(line), line.getSubcommands().values().stream().flatMap(CommandsTest::withAllBelow));
    }
}
