package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.trustedlaunch.api.node.StorageLocationStatus;
import io.trustedlaunch.testkit.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrdFilesTest {
    @ParameterizedTest
    @ValueSource(strings = {"crds", "helm/trusted-launch-operator/files/crds"})
    void theCommittedDefinitionsAreTheGeneratedOnes(String folder) throws IOException {
        GeneratedCrds.all().forEach((name, content) -> Golden.check(Path.of(folder, name), content));
        try (var files = Files.list(Path.of(folder))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .as("files in %s", folder)
                    .containsExactlyInAnyOrderElementsOf(GeneratedCrds.all().keySet());
        }
    }

    @Test
    void everyFieldHasADescriptionInPlainText() throws IOException {
        for (Map.Entry<String, String> definition : GeneratedCrds.all().entrySet()) {
            JsonNode schema =
                    new YAMLMapper().readTree(definition.getValue()).at("/spec/versions/0/schema/openAPIV3Schema");
            assertDescribed(definition.getKey(), schema);
        }
    }

    private static void assertDescribed(String path, JsonNode schema) {
        assertThat(schema.path("description").asText())
                .as(path)
                .isNotEmpty()
                .doesNotContain("{@", "@param")
                .doesNotContainPattern("\\(I\\d\\)|[Dd]ecision \\d");
        schema.path("properties")
                .properties()
                .forEach(field -> assertDescribed(path + "." + field.getKey(), field.getValue()));
        schema.at("/items/properties")
                .properties()
                .forEach(field -> assertDescribed(path + "[]." + field.getKey(), field.getValue()));
    }

    @Test
    void everyTextThatPeopleWriteHasABound() throws IOException {
        for (Map.Entry<String, String> definition : GeneratedCrds.all().entrySet()) {
            assertBounded(
                    definition.getKey(),
                    new YAMLMapper()
                            .readTree(definition.getValue())
                            .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec"));
        }
    }

    /** What guests, hosts and servers say ends up there, too. */
    @Test
    void everyTextAndListOfAStatusHasABound() throws IOException {
        for (Map.Entry<String, String> definition : GeneratedCrds.all().entrySet()) {
            JsonNode status = new YAMLMapper()
                    .readTree(definition.getValue())
                    .at("/spec/versions/0/schema/openAPIV3Schema/properties/status");
            assertBounded(definition.getKey(), status);
            status.findParents("items")
                    .forEach(list -> assertThat(list.has("maxItems"))
                            .as("maxItems of a list in the status of %s: %s", definition.getKey(), list)
                            .isTrue());
        }
    }

    private static void assertBounded(String path, JsonNode schema) {
        if (schema.path("type").asText().equals("string") && !schema.has("enum")) {
            assertThat(schema.has("maxLength")).as("maxLength of " + path).isTrue();
        }
        if (schema.has("pattern")) {
            assertThat(schema.get("pattern").asText()).as(path).startsWith("^").endsWith("$");
        }
        if (schema.has("additionalProperties")) {
            assertThat(schema.findValuesAsText("rule"))
                    .as("the keys of " + path)
                    .contains(Schemas.LABEL_KEYS);
        }
        schema.path("properties")
                .properties()
                .forEach(field -> assertBounded(path + "." + field.getKey(), field.getValue()));
        for (String values : List.of("items", "additionalProperties")) {
            if (schema.has(values)) {
                assertBounded(path + "[]", schema.get(values));
            }
        }
    }

    @Test
    void noReasonAndNoMessageIsLongerThanThatOfACondition() throws IOException {
        for (Map.Entry<String, String> definition : GeneratedCrds.all().entrySet()) {
            JsonNode crd = new YAMLMapper().readTree(definition.getValue());
            assertThat(bounds(crd, "reason")).as(definition.getKey()).isSubsetOf(Messages.MAX_REASON);
            assertThat(bounds(crd, "message"))
                    .as(definition.getKey())
                    .isSubsetOf(Messages.MAX_LENGTH, StorageLocationStatus.Node.MAX_MESSAGE);
        }
    }

    /** The bounds of all fields with the name; 0 for one without. */
    private static List<Integer> bounds(JsonNode crd, String name) {
        return crd.findValues(name).stream()
                .filter(JsonNode::isObject)
                .map(field -> field.path("maxLength").asInt())
                .toList();
    }

    @Test
    void everyKindOfTheApiIsPublished() throws IOException {
        try (var files = Files.list(Path.of("target/crds"))) {
            assertThat(files.count()).isEqualTo(GeneratedCrds.KINDS.size());
        }
        assertThat(List.copyOf(GeneratedCrds.all().keySet())).contains("trustedlaunch.io_trustedlaunchvms.yaml");
    }
}
