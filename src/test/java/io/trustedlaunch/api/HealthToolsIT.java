package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.api.HealthTable.Row;
import io.trustedlaunch.testkit.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real tools confirm the table of {@link HealthTableTest}. {@code bin/setup --tests} builds them. */
class HealthToolsIT {
    private static final String PATCH = ArgoCdSettings.PATCH.toString();

    private static final String KUSTOMIZATIONS = "examples/gitops/flux/kustomizations.yaml";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    Path folder;

    @Test
    void kstatusSaysWhatTheTableSays() throws Exception {
        List<Row> rows = HealthTable.rows();
        assertThat(tool(objects(rows), "kstatus"))
                .isEqualTo(rows.stream().map(Kstatus::of).toList());
    }

    @Test
    void fluxSaysWhatTheTableSays() throws Exception {
        List<Row> rows = HealthTable.rows();
        assertThat(tool(objects(rows), "flux-health", "health", KUSTOMIZATIONS))
                .isEqualTo(rows.stream().map(FluxHealth::of).toList());
    }

    @Test
    void argoCdSaysWhatTheTableSays() throws Exception {
        List<Row> rows = HealthTable.rows();
        assertThat(argoCd(objects(rows)).map(health -> health[0]).toList())
                .isEqualTo(rows.stream().map(ArgoCdHealth::of).toList());
    }

    @Test
    void argoCdShowsWhyAVmIsDegraded() throws Exception {
        Row refused = HealthTable.rows().stream()
                .filter(row -> row.situation().equals("refused image"))
                .findFirst()
                .orElseThrow();
        assertThat(argoCd(objects(List.of(refused))).map(health -> health[1]).toList())
                .singleElement()
                .asString()
                .startsWith("NoRuleAllows: ");
    }

    /** The operator's own kinds, which Argo CD may show below those that people write, have less. */
    @Test
    void argoCdReadsAKindThatHasNoConditions() throws Exception {
        GenericKubernetesResource bare = new GenericKubernetesResourceBuilder()
                .withApiVersion(Api.GROUP + "/" + Api.VERSION)
                .withKind("VMIncarnation")
                .withNewMetadata()
                .withName("bare")
                .withGeneration(1L)
                .endMetadata()
                .build();
        assertThat(argoCd(List.of(bare)).map(health -> health[0]).toList()).containsExactly("Healthy");
    }

    @Test
    void argoCdOffersWhatTheStrategyAllows() throws Exception {
        assertThat(tool(List.of(vm("Always"), vm("RerunOnFailure"), vm("Halted")), "argocd-health", "actions", PATCH))
                .containsExactly("restart,stop", "restart,stop", "start");
    }

    @Test
    void anActionOfArgoCdChangesWhatThePluginChangesAndNothingElse() throws Exception {
        ObjectNode stopped = action("stop", vm("RerunOnFailure"));
        assertThat(stopped).isEqualTo(json(vm("Halted")));
        assertThat(action("start", vm("Halted"))).isEqualTo(json(vm("Always")));

        ObjectNode restarted = action("restart", vm("Always"));
        JsonNode time = ((ObjectNode) restarted.at("/metadata/annotations")).remove(Api.RESTARTED_AT);
        assertThat(Instant.parse(time.asText())).isBetween(Instant.now().minusSeconds(60), Instant.now());
        assertThat(restarted).isEqualTo(json(vm("Always")));
    }

    @Test
    void theExamplesHaveOnlyFieldsThatTheToolsKnow() throws Exception {
        assertThat(Program.plain().run("argocd-health", "applications", "examples/gitops/argocd/application.yaml"))
                .isEqualTo("vms-berlin\n");
        assertThat(Program.plain().run("flux-health", "kustomizations", KUSTOMIZATIONS))
                .isEqualTo("vms-platform\nvms-images\nvms\n");
    }

    private static GenericKubernetesResource vm(String strategy) {
        return new GenericKubernetesResourceBuilder()
                .withApiVersion(Api.GROUP + "/" + Api.VERSION)
                .withKind("TrustedLaunchVM")
                .withNewMetadata()
                .withName("payroll")
                .withGeneration(3L)
                .addToAnnotations("note", "kept")
                .endMetadata()
                .addToAdditionalProperties(
                        "spec",
                        Map.of("runStrategy", strategy, "cores", 4, "memory", "8Gi", "securityProfile", Map.of()))
                .build();
    }

    private ObjectNode action(String name, GenericKubernetesResource object) throws Exception {
        String line = tool(List.of(object), "argocd-health", "run", name, PATCH).getFirst();
        return (ObjectNode) MAPPER.readTree(line);
    }

    private static ObjectNode json(GenericKubernetesResource object) throws Exception {
        return (ObjectNode) MAPPER.readTree(Serialization.asJson(object));
    }

    /** Status and message of each. */
    private Stream<String[]> argoCd(List<GenericKubernetesResource> objects) throws Exception {
        return tool(objects, "argocd-health", "health", PATCH).stream().map(line -> line.split("\t", 2));
    }

    private static List<GenericKubernetesResource> objects(List<Row> rows) {
        return rows.stream().map(Row::object).toList();
    }

    /** A line for each object; the file with them is the last argument. */
    private List<String> tool(List<GenericKubernetesResource> objects, String... command) throws Exception {
        GenericKubernetesResourceList list = new GenericKubernetesResourceList();
        list.setApiVersion("v1");
        list.setKind("List");
        list.setItems(objects);
        Path file = Files.writeString(folder.resolve("objects.json"), Serialization.asJson(list));
        return Program.plain()
                .run(Stream.concat(Stream.of(command), Stream.of(file.toString()))
                        .toArray(String[]::new))
                .lines()
                .toList();
    }
}
