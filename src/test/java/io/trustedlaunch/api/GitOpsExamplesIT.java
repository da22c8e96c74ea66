package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Manifest;
import io.trustedlaunch.testkit.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of {@code docs/gitops.md}, and what it says of fields that a tool does not own. */
class GitOpsExamplesIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final YAMLMapper YAML = new YAMLMapper();

    private static final String VM = """
            apiVersion: trustedlaunch.io/v1alpha1
            kind: TrustedLaunchVM
            metadata: {name: %s}
            spec: {%s imageRef: {name: no-such-image}, cores: 1, memory: 1Gi, osDisk: {size: 1Gi}}
            """;

    private static String namespace;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeNamespace() {
        namespace = CLUSTER.namespace();
    }

    @ParameterizedTest
    @ValueSource(strings = {"berlin", "hamburg"})
    void theApiServerTakesEachClusterAndArgoCdSeesNoDrift(String cluster) throws Exception {
        List<ObjectNode> objects = rendered("examples/gitops/clusters/" + cluster);
        assertThat(objects)
                .extracting(object -> object.path("kind").asText())
                .contains("ImageCatalog", "TrustedLaunchVM");
        List<JsonNode> live = new ArrayList<>();
        for (ObjectNode object : objects) {
            live.add(JSON.readTree(Program.plain()
                    .run(
                            "kubectl",
                            "create",
                            "--dry-run=server",
                            "--validate=strict",
                            "-o=json",
                            "-f=" + file("object.json", object.toString()))));
        }
        assertThat(drift(objects, live)).hasSameSizeAs(objects).containsOnly("Synced");
    }

    /** What Flux waits for one after the other is what Argo CD has in its waves. */
    @ParameterizedTest
    @ValueSource(strings = {"berlin", "hamburg"})
    void theFoldersOfAClusterAreTheWhole(String cluster) throws Exception {
        String whole = "examples/gitops/clusters/" + cluster;
        List<ObjectNode> parts = new ArrayList<>();
        for (String part : List.of("platform", "images", "vms")) {
            parts.addAll(rendered(whole + "/" + part));
        }
        assertThat(parts).containsExactlyInAnyOrderElementsOf(rendered(whole));
    }

    /** So that what is Synced elsewhere was compared. */
    @Test
    void argoCdSeesWhatSomebodyChanged() throws Exception {
        ObjectNode vm = rendered("examples/gitops/clusters/berlin").stream()
                .filter(object -> object.path("kind").asText().equals("TrustedLaunchVM"))
                .findFirst()
                .orElseThrow();
        ObjectNode changed = vm.deepCopy();
        ((ObjectNode) changed.path("spec")).put("cores", 3);
        assertThat(drift(List.of(vm), List.of(changed))).containsExactly("OutOfSync");
    }

    @Test
    void aToolThatHasNoStrategyUndoesNoStopAndNoApproval() throws Exception {
        String manifest = VM.formatted("not-owned", "");
        apply(manifest);
        assertThat(spec("not-owned").path("runStrategy").asText()).isEqualTo("Always");
        patch(
                "not-owned",
                "{runStrategy: Halted, approveGuestState: {epoch: 1, generation: 1, approvedBy: '%s'}}"
                        .formatted(CLUSTER.adminName()));
        apply(manifest);
        assertThat(spec("not-owned").path("runStrategy").asText()).isEqualTo("Halted");
        assertThat(spec("not-owned").at("/approveGuestState/approvedBy").asText())
                .isEqualTo(CLUSTER.adminName());
        assertThat(drift(List.of((ObjectNode) YAML.readTree(manifest)), List.of(live("not-owned"))))
                .containsExactly("Synced");
    }

    /** So who takes it out of Git waits until the VM is as it should be, or says so first. */
    @Test
    void aStrategyThatIsTakenOutOfGitBecomesTheDefault() throws Exception {
        apply(VM.formatted("was-owned", "runStrategy: Halted,"));
        apply(VM.formatted("was-owned", ""));
        assertThat(spec("was-owned").path("runStrategy").asText()).isEqualTo("Always");
    }

    /** As Flux applies: on the server, and what it has in Git wins. */
    private void apply(String manifest) throws Exception {
        Program.plain()
                .run(
                        "kubectl",
                        "apply",
                        "-n=" + namespace,
                        "--server-side",
                        "--force-conflicts",
                        "--field-manager=kustomize-controller",
                        "-f=" + file("vm.yaml", manifest));
    }

    private void patch(String vm, String spec) throws Exception {
        Program.plain()
                .run(
                        "kubectl",
                        "patch",
                        "tlvm",
                        vm,
                        "-n=" + namespace,
                        "--type=merge",
                        "-p",
                        Manifest.json("{spec: " + spec + "}"));
    }

    private JsonNode spec(String vm) throws Exception {
        return live(vm).path("spec");
    }

    private JsonNode live(String vm) throws Exception {
        return JSON.readTree(Program.plain().run("kubectl", "get", "tlvm", vm, "-n=" + namespace, "-o=json"));
    }

    private List<String> drift(List<ObjectNode> desired, List<? extends JsonNode> live) throws Exception {
        return Program.plain()
                .run(
                        "argocd-health",
                        "drift",
                        file("desired.json", list(desired).toString()).toString(),
                        file("live.json", list(live).toString()).toString())
                .lines()
                .toList();
    }

    private static ObjectNode list(List<? extends JsonNode> objects) {
        ArrayNode items = JSON.createArrayNode();
        items.addAll(objects);
        ObjectNode list = JSON.createObjectNode();
        list.put("apiVersion", "v1").put("kind", "List").set("items", items);
        return list;
    }

    /** Those of a namespace are put into the test's. */
    private static List<ObjectNode> rendered(String path) throws Exception {
        String stream = Program.plain().run("kubectl", "kustomize", path);
        return Stream.of(stream.split("(?m)^---\n"))
                .map(GitOpsExamplesIT::parse)
                .peek(object -> {
                    ObjectNode metadata = (ObjectNode) object.path("metadata");
                    if (metadata.has("namespace")) {
                        metadata.put("namespace", namespace);
                    }
                })
                .toList();
    }

    private static ObjectNode parse(String document) {
        try {
            return (ObjectNode) YAML.readTree(document);
        } catch (IOException e) {
            throw new AssertionError(document, e);
        }
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }
}
