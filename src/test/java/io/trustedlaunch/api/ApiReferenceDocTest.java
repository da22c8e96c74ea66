package io.trustedlaunch.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.testkit.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Writes docs/api-reference.md from the definitions in crds/. */
class ApiReferenceDocTest {
    /** Nobody but operator and agents writes these. */
    private static final Set<String> INTERNAL = Set.of(
            "BackupRun", "ClusterNode", "DiskFill", "ImageCopy", "RestoreRun", "StoredBackupRun", "VMIncarnation");

    private static final int LONGEST_ENUM = 12;

    @Test
    void theCommittedReferenceIsTheGeneratedOne() {
        Golden.check(Path.of("docs/api-reference.md"), document());
    }

    @Test
    void everyFieldOfASpecThatPeopleWriteIsDescribed() {
        assertThat(definitions().stream()
                        .filter(definition -> !INTERNAL.contains(
                                definition.getSpec().getNames().getKind()))
                        .flatMap(definition -> fields(
                                        "spec",
                                        schema(definition).getProperties().get("spec"))
                                .filter(field -> field.schema().getDescription() == null)
                                .filter(field -> field.depth() == 1)
                                .map(field -> definition.getSpec().getNames().getKind() + "." + field.path())))
                .isEmpty();
    }

    private record Field(String path, JSONSchemaProps schema, boolean isRequired, int depth) {}

    private static String document() {
        List<CustomResourceDefinition> all = definitions();
        StringBuilder text = new StringBuilder("""
                # API reference

                Generated from `crds/` by `bin/generate`. `kubectl explain trustedlaunchvm.spec` says the same.

                All kinds are of group `trustedlaunch.io`, version `v1alpha1` ([what alpha means](api-stability.md)). Each has `status.conditions`
                ([conditions.md](conditions.md)). **Bold** fields are required. `[]` marks a list, `{}` a map.

                """);
        text.append("| kind | scope | short name | what it is |\n|---|---|---|---|\n");
        all.stream().filter(one -> !isInternal(one)).forEach(one -> text.append(row(one)));
        text.append(
                "\nOperator and agents alone write these:\n\n| kind | scope | short name | what it is |\n|---|---|---|---|\n");
        all.stream().filter(ApiReferenceDocTest::isInternal).forEach(one -> text.append(row(one)));
        all.stream().filter(one -> !isInternal(one)).forEach(one -> text.append(section(one)));
        return text.toString();
    }

    private static boolean isInternal(CustomResourceDefinition definition) {
        return INTERNAL.contains(definition.getSpec().getNames().getKind());
    }

    private static String row(CustomResourceDefinition definition) {
        String kind = definition.getSpec().getNames().getKind();
        String name =
                isInternal(definition) ? "`" + kind + "`" : "[`" + kind + "`](#" + kind.toLowerCase(Locale.ROOT) + ")";
        return "| " + name + " | " + definition.getSpec().getScope() + " | "
                + String.join(
                        ", ",
                        definition.getSpec().getNames().getShortNames().stream()
                                .map(shortName -> "`" + shortName + "`")
                                .toList())
                + " | " + cell(schema(definition).getDescription()) + " |\n";
    }

    private static String section(CustomResourceDefinition definition) {
        StringBuilder text = new StringBuilder("\n## "
                + definition.getSpec().getNames().getKind() + "\n\n"
                + "| field | type | what it is |\n|---|---|---|\n");
        Map<String, JSONSchemaProps> parts = schema(definition).getProperties();
        Stream.of("spec", "status")
                .filter(parts::containsKey)
                .flatMap(part -> fields(part, parts.get(part)))
                .filter(field -> !field.path().startsWith("status.conditions[]."))
                .forEach(field -> text.append("| " + (field.isRequired() ? "**`" : "`") + field.path()
                        + (field.isRequired() ? "`**" : "`") + " | " + type(field.schema()) + " | "
                        + cell(field.schema().getDescription()) + " |\n"));
        return text.toString();
    }

    private static Stream<Field> fields(String path, JSONSchemaProps schema) {
        return fields(path, schema, 1);
    }

    private static Stream<Field> fields(String path, JSONSchemaProps schema, int depth) {
        if (schema.getProperties() == null) {
            return Stream.empty();
        }
        return new TreeMap<>(schema.getProperties()).entrySet().stream().flatMap(entry -> {
            JSONSchemaProps field = entry.getValue();
            String own = path + "." + entry.getKey();
            boolean isRequired = schema.getRequired().contains(entry.getKey());
            JSONSchemaProps within = field;
            String inner = own;
            if (field.getItems() != null && field.getItems().getSchema() != null) {
                within = field.getItems().getSchema();
                inner = own + "[]";
            } else if (field.getAdditionalProperties() != null
                    && field.getAdditionalProperties().getSchema() != null) {
                within = field.getAdditionalProperties().getSchema();
                inner = own + "{}";
            }
            return Stream.concat(Stream.of(new Field(own, field, isRequired, depth)), fields(inner, within, depth + 1));
        });
    }

    private static String type(JSONSchemaProps schema) {
        if (Boolean.TRUE.equals(schema.getXKubernetesIntOrString())) {
            return "quantity";
        }
        if (schema.getItems() != null && schema.getItems().getSchema() != null) {
            return type(schema.getItems().getSchema()) + "[]";
        }
        if (schema.getAdditionalProperties() != null
                && schema.getAdditionalProperties().getSchema() != null) {
            return type(schema.getAdditionalProperties().getSchema()) + "{}";
        }
        boolean hasValues = schema.getEnum() != null && !schema.getEnum().isEmpty();
        String type = hasValues && schema.getEnum().size() <= LONGEST_ENUM
                ? String.join(
                        ", ",
                        schema.getEnum().stream()
                                .map(value -> "`" + value.asText() + "`")
                                .toList())
                : String.valueOf(schema.getType());
        return schema.getDefault() == null
                ? type
                : type + "; default `" + schema.getDefault().asText() + "`";
    }

    private static String cell(String description) {
        return description == null
                ? ""
                : description.replaceAll("\\s+", " ").replace("|", "\\|").replace("<", "&lt;");
    }

    private static JSONSchemaProps schema(CustomResourceDefinition definition) {
        CustomResourceDefinitionVersion version =
                definition.getSpec().getVersions().getFirst();
        return version.getSchema().getOpenAPIV3Schema();
    }

    private static List<CustomResourceDefinition> definitions() {
        try (Stream<Path> files = Files.list(Path.of("crds"))) {
            return files.sorted()
                    .map(file -> Serialization.unmarshal(read(file), CustomResourceDefinition.class))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
