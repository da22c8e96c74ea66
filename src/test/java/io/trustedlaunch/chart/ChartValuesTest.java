package io.trustedlaunch.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.trustedlaunch.api.node.Enrolment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** values.yaml, its schema and the rest of the repository agree. */
class ChartValuesTest {
    private static final String DEFINITION = "#/definitions/";

    @Test
    void theSchemaKnowsTheValuesAndNoOthers() {
        assertSameKeys("values", ChartValues.presets(), ChartValues.schema());
    }

    private static void assertSameKeys(String path, JsonNode preset, JsonNode schema) {
        JsonNode resolved = resolve(schema);
        if (!resolved.has("properties")) {
            assertThat(preset.isObject()
                            && resolved.path("additionalProperties").equals(false))
                    .as(path)
                    .isFalse();
            return;
        }
        assertThat(resolved.path("additionalProperties").asBoolean(true))
                .as(path + " is strict")
                .isFalse();
        TreeSet<String> keys = new TreeSet<>();
        resolved.path("properties").fieldNames().forEachRemaining(keys::add);
        // Helm itself sets it.
        keys.remove("global");
        TreeSet<String> values = new TreeSet<>();
        preset.fieldNames().forEachRemaining(values::add);
        assertThat(values).as(path).isEqualTo(keys);
        for (Map.Entry<String, JsonNode> value : preset.properties()) {
            assertSameKeys(
                    path + "." + value.getKey(),
                    value.getValue(),
                    resolved.path("properties").path(value.getKey()));
        }
    }

    private static JsonNode resolve(JsonNode schema) {
        String reference = schema.path("$ref").asText();
        return reference.startsWith(DEFINITION)
                ? ChartValues.schema().path("definitions").path(reference.substring(DEFINITION.length()))
                : schema;
    }

    @Test
    void everyValueHasAComment() {
        assertThat(leaves(new ArrayList<>(), ChartValues.presets(), ChartValues.schema()))
                .allSatisfy(path -> assertThat(ChartValues.documented())
                        .as(String.join(".", path))
                        .anyMatch(value -> value.covers(path)));
    }

    private static List<List<String>> leaves(List<String> path, JsonNode preset, JsonNode schema) {
        JsonNode properties = resolve(schema).path("properties");
        if (properties.isMissingNode()) {
            return List.of(path);
        }
        List<List<String>> leaves = new ArrayList<>();
        for (Map.Entry<String, JsonNode> value : preset.properties()) {
            List<String> below = new ArrayList<>(path);
            below.add(value.getKey());
            leaves.addAll(leaves(below, value.getValue(), properties.path(value.getKey())));
        }
        return leaves;
    }

    @Test
    void theImagesAreThoseOfThisVersion() throws IOException {
        Matcher version = Pattern.compile("<artifactId>trusted-launch-operator</artifactId>\\s*<version>([^<]+)<")
                .matcher(Files.readString(Path.of("pom.xml")));
        assertThat(version.find()).isTrue();
        assertThat(new YAMLMapper()
                        .readTree(ChartValues.CHART.resolve("Chart.yaml").toFile())
                        .path("appVersion")
                        .asText())
                .isEqualTo(version.group(1));
        assertThat(ChartValues.presets().at("/operator/image/tag").asText()).isEmpty();
        assertThat(ChartValues.presets().at("/agent/image/tag").asText()).isEmpty();
        assertThat(ChartValues.presets().at("/fencing/fencer/image/tag").asText())
                .isEmpty();
    }

    @Test
    void agentsRunAndOperatorsDoNotRunWhereTheLabelOfEnrolmentIs() {
        assertThat(ChartValues.presets()
                        .at("/agent/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution"
                                + "/nodeSelectorTerms/0/matchExpressions")
                        .toString())
                .isEqualTo("[{\"key\":\"" + Enrolment.LABEL + "\",\"operator\":\"Exists\"}]");
        for (String role : List.of("/operator", "/fencing/fencer")) {
            assertThat(ChartValues.presets()
                            .at(role + "/affinity/nodeAffinity/preferredDuringSchedulingIgnoredDuringExecution/0"
                                    + "/preference/matchExpressions")
                            .toString())
                    .isEqualTo("[{\"key\":\"" + Enrolment.LABEL + "\",\"operator\":\"DoesNotExist\"}]");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/operator", "/agent", "/fencing/fencer"})
    void noCoreDumpHasTheMemoryOfAProcessAndNoOtherAttachesToIt(String component) throws Exception {
        assertThat(flags(component))
                .containsPattern("CreateCoredumpOnCrash +:?= false")
                .containsPattern("DisableAttachMechanism +:?= true");
    }

    /** A small one lets what is read at a start grow old, and the old generation is not collected before it has all of the heap. */
    @ParameterizedTest
    @ValueSource(strings = {"/operator", "/agent"})
    void theYoungGenerationHasItsWholeSizeFromTheFirstMoment(String component) throws Exception {
        String flags = flags(component);

        assertThat(flag(flags, "NewSize")).isEqualTo(flag(flags, "MaxNewSize"));
        assertThat(flags).containsPattern("ShrinkHeapInSteps +:?= false");
    }

    private static long flag(String flags, String name) {
        Matcher value = Pattern.compile(" " + name + " +:?= (\\d+)").matcher(flags);
        assertThat(value.find()).as(name).isTrue();
        return Long.parseLong(value.group(1));
    }

    /** As the JVM understands them in a container with the chart's limit: a later option overrides an earlier one. */
    private static String flags(String component) throws Exception {
        String limit = ChartValues.presets()
                .at(component + "/resources/limits/memory")
                .asText()
                .replace("Mi", "m");
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:MaxRAM=" + limit));
        command.addAll(List.of(ChartValues.presets()
                .at(component + "/jvmOptions")
                .asText()
                .strip()
                .split("\\s+")));
        command.addAll(List.of("-XX:+PrintFlagsFinal", "-version"));
        Process process = new ProcessBuilder(command).start();
        String flags = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return flags;
    }
}
