package io.trustedlaunch.cli.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.cli.Commands;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionTest {
    private static final Map<String, List<String>> NAMES = Map.of(
            "VM", List.of("payroll", "web"),
            "NODE", List.of("host-a", "host-b"),
            "IMAGE", List.of("ws2022"),
            "NAMESPACE", List.of("finance"));

    /** The bar marks where the user is typing. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            sta|                       ; start status
            status |                   ; payroll web
            status w|                  ; web
            status payroll |           ; ''
            -n fi|                     ; finance
            status -n |                ; finance
            status -n finance p|       ; payroll
            migrate payroll --to |     ; host-a host-b
            migrate --to host-a |      ; payroll web
            migrate --ca|              ; --cancel
            node app|                  ; approve
            node approve host-a |      ; host-a host-b
            backup cre|                ; create
            create x --image |         ; ws2022
            start payroll --run-strategy A| ; Always
            status --clu|              ; ''
            __|                        ; ''
            nope |                     ; ''
            status -- |                ; ''
            """)
    void whatMayStandThereIsOffered(String typed, String offered) {
        List<String> words = List.of(typed.substring(0, typed.indexOf('|')).split(" ", -1));

        assertThat(new Completion(
                                Commands.line(new KubectlTlvm()),
                                label -> NAMES.getOrDefault(label, List.of()).stream())
                        .of(words))
                .containsExactlyElementsOf(Stream.of(offered.split(" "))
                        .filter(word -> !word.isEmpty())
                        .toList());
    }

    @Test
    void namesAreTheClustersAndTheShellIsToldThatNoFilesAreMeant(@TempDir Path folder) throws IOException {
        try (PlayedApiServer server = new PlayedApiServer(folder)) {
            server.have(vm("payroll", "finance"));
            server.have(vm("web", "acme"));
            server.have(node("host-a"));

            assertThat(answer(server, "status", "")).isEqualTo("payroll\n:4\n");
            assertThat(answer(server, "status", "-n", "acme", "")).isEqualTo("web\n:4\n");
            assertThat(answer(server, "drain", "h")).isEqualTo("host-a\n:4\n");
            server.forbid(ClusterNode.class);
            assertThat(answer(server, "drain", "h")).isEqualTo(":4\n");
        }
    }

    @Test
    void withoutAClusterThereAreNoNamesAndNoErrors(@TempDir Path folder) throws IOException {
        PlayedApiServer server = new PlayedApiServer(folder);
        server.close();

        assertThat(answer(server, "status", "")).isEqualTo(":4\n");
        assertThat(answer(server, "status", "--context", "nope", "")).isEqualTo(":4\n");
        assertThat(answer(server)).isEqualTo(":4\n");
    }

    private static String answer(PlayedApiServer server, String... typed) {
        StringWriter out = new StringWriter();
        List<String> words = typed.length == 0
                ? List.of()
                : Stream.concat(Stream.of("--kubeconfig", server.kubeconfig().toString()), Stream.of(typed))
                        .toList();
        new CompletionAnswer(words).print(Commands.line(new KubectlTlvm()).setOut(new PrintWriter(out)));
        return out.toString();
    }

    private static TrustedLaunchVM vm(String name, String namespace) {
        return Serialization.unmarshal(
                "metadata: {name: %s, namespace: %s}".formatted(name, namespace), TrustedLaunchVM.class);
    }

    private static ClusterNode node(String name) {
        return Serialization.unmarshal("metadata: {name: %s}".formatted(name), ClusterNode.class);
    }
}
