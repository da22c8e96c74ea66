package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.trustedlaunch.cli.Commands;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** Which cluster a command works on. */
class ClusterOptionsTest {
    private static final String TWO_CONTEXTS = """
            apiVersion: v1
            kind: Config
            clusters:
            - {name: one, cluster: {server: "https://127.0.0.1:1"}}
            - {name: two, cluster: {server: "https://127.0.0.1:2"}}
            contexts:
            - {name: production, context: {cluster: one, user: me, namespace: finance}}
            - {name: lab, context: {cluster: two, user: me, namespace: trial}}
            current-context: production
            users:
            - {name: me, user: {token: none}}
            """;

    @TempDir
    Path folder;

    private Path kubeconfig;

    private record Ended(int code, String err) {}

    @BeforeEach
    void aKubeconfig() throws IOException {
        kubeconfig = Files.writeString(folder.resolve("config"), TWO_CONTEXTS);
        System.setProperty(Config.KUBERNETES_KUBECONFIG_FILE, kubeconfig.toString());
    }

    @AfterEach
    void noKubeconfig() {
        System.clearProperty(Config.KUBERNETES_KUBECONFIG_FILE);
    }

    /** The current context is another cluster: nothing may be asked or changed there. */
    @ParameterizedTest
    @MethodSource("commandsOnACluster")
    void noCommandTakesAContextThatDoesNotExist(List<String> command) {
        Ended ended = run(Stream.concat(command.stream(), Stream.of("--context", "nope")));

        assertThat(ended)
                .isEqualTo(new Ended(
                        1, "error: context \"nope\" does not exist; the kubeconfig has these: lab, production\n"));
    }

    @Test
    void aContextIsAlsoLookedForInTheFileThatIsNamed() throws IOException {
        Path other = Files.writeString(folder.resolve("other"), TWO_CONTEXTS.replace("lab", "spare"));
        Stream<String> context = Stream.of("images", "--kubeconfig", other.toString(), "--context", "lab");

        assertThat(run(context).err())
                .isEqualTo("error: context \"lab\" does not exist; the kubeconfig has these: production, spare\n");
    }

    @Test
    void aKubeconfigWithoutContextsSaysSo() throws IOException {
        Files.writeString(kubeconfig, "apiVersion: v1\nkind: Config\n");

        assertThat(run(Stream.of("images", "--context", "nope")).err())
                .isEqualTo("error: context \"nope\" does not exist; the kubeconfig has none\n");
    }

    @Test
    void aContextNamesClusterAndNamespace() {
        ClusterOptions options = CommandLine.populateCommand(new ClusterOptions(), "--context", "lab");
        try (var client = options.client()) {
            assertThat(client.getMasterUrl()).hasToString("https://127.0.0.1:2/");
            assertThat(options.namespace(client)).isEqualTo("trial");
        }
    }

    @Test
    void aContextOfANamedFileIsTaken() {
        System.clearProperty(Config.KUBERNETES_KUBECONFIG_FILE);
        ClusterOptions options = CommandLine.populateCommand(
                new ClusterOptions(), "--context", "lab", "--kubeconfig", kubeconfig.toString());
        try (var client = options.client()) {
            assertThat(client.getMasterUrl()).hasToString("https://127.0.0.1:2/");
        }
    }

    @Test
    void aClusterAndAUserOfTheFileMayBeNamed() throws IOException {
        Files.writeString(
                kubeconfig,
                TWO_CONTEXTS.replace(
                        "- {name: me, user: {token: none}}",
                        "- {name: me, user: {token: none}}\n- {name: jane, user: {token: of-jane}}"));
        ClusterOptions options =
                CommandLine.populateCommand(new ClusterOptions(), "--cluster", "two", "--user", "jane");
        try (var client = options.client()) {
            assertThat(client.getMasterUrl()).hasToString("https://127.0.0.1:2/");
            assertThat(client.getConfiguration().getAutoOAuthToken()).isEqualTo("of-jane");
            assertThat(options.namespace(client)).as("the context's").isEqualTo("finance");
        }
        assertThat(run(Stream.of("images", "--cluster", "nope")).err())
                .isEqualTo("error: cluster \"nope\" does not exist; the kubeconfig has these: one, two\n");
        assertThat(run(Stream.of("images", "--user", "nope")).err())
                .isEqualTo("error: user \"nope\" does not exist; the kubeconfig has these: jane, me\n");
    }

    @Test
    void whoAndWhereMayBeNamed() {
        ClusterOptions options = CommandLine.populateCommand(
                new ClusterOptions(),
                "--server=https://127.0.0.1:3",
                "--token=of-mine",
                "--as=jane",
                "--as-group=vms",
                "--as-group=staff",
                "--request-timeout=2m");
        try (var client = options.client()) {
            Config config = client.getConfiguration();
            assertThat(client.getMasterUrl()).hasToString("https://127.0.0.1:3/");
            assertThat(config.getOauthToken()).isEqualTo("of-mine");
            assertThat(config.getAutoOAuthToken()).isNull();
            assertThat(config.getImpersonateUsername()).isEqualTo("jane");
            assertThat(config.getImpersonateGroups()).containsExactly("vms", "staff");
            assertThat(config.getRequestTimeout()).isEqualTo(120_000);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --as-group=vms         | error: --as-group needs --as: a group is impersonated with a user only
            --request-timeout=soon | error: --request-timeout must be a time such as 30s or 2m: soon
            """)
    void whatMeansNothingIsRefused(String flag, String message) {
        assertThat(run(Stream.of("images", flag))).isEqualTo(new Ended(1, message + "\n"));
    }

    private static Ended run(Stream<String> arguments) {
        StringWriter err = new StringWriter();
        int code = line().setErr(new PrintWriter(err)).execute(arguments.toArray(String[]::new));
        return new Ended(code, err.toString());
    }

    private static CommandLine line() {
        return Commands.line(new KubectlTlvm()).setExecutionExceptionHandler(new CommandExceptionHandler());
    }

    /** Each with something for whatever it requires. */
    static Stream<List<String>> commandsOnACluster() {
        return commandsOnACluster(line(), List.of());
    }

    private static Stream<List<String>> commandsOnACluster(CommandLine line, List<String> path) {
        Stream<List<String>> below = line.getSubcommands().entrySet().stream()
                .flatMap(entry -> commandsOnACluster(
                        entry.getValue(),
                        Stream.concat(path.stream(), Stream.of(entry.getKey())).toList()));
        CommandSpec spec = line.getCommandSpec();
        return spec.findOption("--context") == null
                ? below
                : Stream.concat(Stream.of(withWhatItRequires(spec, path)), below);
    }

    private static String value(ArgSpec option) {
        return option.type().isEnum() ? option.type().getEnumConstants()[0].toString() : "/none";
    }

    private static List<String> withWhatItRequires(CommandSpec spec, List<String> path) {
        List<String> command = new ArrayList<>(path);
        spec.options().stream()
                .filter(ArgSpec::required)
                // Of those that exclude each other, one.
                .filter(option -> option.group() == null
                        || option.group().args().iterator().next().equals(option))
                .forEach(option -> command.addAll(List.of(option.longestName(), value(option))));
        spec.positionalParameters().stream()
                .filter(ArgSpec::required)
                .forEach(parameter -> command.add(parameter.paramLabel().equals("KEYS") ? "enter" : "none"));
        return command;
    }
}
