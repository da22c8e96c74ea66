package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How large the schemas and the policy on bounds let a spec become that a tenant writes. */
class BoundsTest {
    private static final int LIMIT = 80 * 1024;
    /** What the policy counts over the whole of a spec. */
    private static final Set<String> SELECTORS = Set.of("nodeSelector", "affinity", "vmSelector");
    /** A label's key, its value and what is between them in JSON. */
    private static final int PART = 400;
    /** Of a quantity, a time, a number or a boolean. */
    private static final int SHORT = 64;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "trustedlaunchvms",
                "vmmigrations",
                "vmbackups",
                "vmbackupschedules",
                "vmconsoles",
                "vmbackupdownloads"
            })
    void aSpecThatTenantsWriteIsSmall(String kind) throws IOException {
        YAMLMapper yaml = new YAMLMapper();
        JsonNode spec = yaml.readTree(
                        Path.of("crds/trustedlaunch.io_" + kind + ".yaml").toFile())
                .at("/spec/versions/0/schema/openAPIV3Schema/properties/spec");
        int selectors = yaml.readTree(Path.of("helm/trusted-launch-operator/files/bounds.yaml")
                        .toFile())
                .at("/selectors/count")
                .asInt();
        assertThat(size(spec) + selectors * PART).isLessThan(LIMIT);
    }

    /** The operator has each of them in memory, and no VMQuota counts those that take nothing else. */
    @Test
    void theExampleOfAQuotaCountsEachKindThatATenantCreates() throws IOException {
        String quotas = Files.readString(Path.of("examples/quota.yaml"));
        assertThat(Stream.of("tenant", "console", "download")
                        .flatMap(account -> Writers.read().cellsOf(account).stream())
                        .filter(cell -> cell.startsWith("create "))
                        .map(cell -> cell.substring("create ".length())))
                .contains("trustedlaunchvms", "vmconsoles", "vmbackupdownloads")
                .allSatisfy(kind -> assertThat(quotas).contains("    count/" + kind + ".trustedlaunch.io: "));
    }

    private static int size(JsonNode schema) {
        if (schema.has("enum") || schema.has("format")) {
            return SHORT;
        }
        return switch (schema.path("type").asText()) {
            case "string" -> bound(schema, "maxLength");
            case "array" -> bound(schema, "maxItems") * size(schema.path("items"));
            case "object" -> schema.has("properties") ? fields(schema) : map(schema);
            default -> SHORT;
        };
    }

    private static int fields(JsonNode schema) {
        return StreamSupport.stream(schema.path("properties").properties().spliterator(), false)
                .filter(field -> !SELECTORS.contains(field.getKey()))
                .mapToInt(field -> field.getKey().length() + size(field.getValue()))
                .sum();
    }

    private static int map(JsonNode schema) {
        return bound(schema, "maxProperties") * PART;
    }

    private static int bound(JsonNode schema, String keyword) {
        assertThat(schema.has(keyword)).as("%s of %s", keyword, schema).isTrue();
        return schema.path(keyword).asInt();
    }
}
