package io.trustedlaunch.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.trustedlaunch.api.Api;
import io.trustedlaunch.testkit.Golden;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of who writes what says it of everything, and roles and documents say the same. */
class WritersTest {
    private static final Writers TABLE = Writers.read();
    private static final Path DOCUMENT = Path.of("docs/security.md");

    /** Those that are installed by default, by the account of the table that has them. WriterAccessIT has the fencer. */
    private static final Map<String, String> ROLES = Map.of(
            "operator", "trusted-launch-operator",
            "agent", "trusted-launch-agent",
            "importer", "trusted-launch-backup-import",
            "tenant", "trusted-launch-edit",
            "console", "trusted-launch-console",
            "nodeAdmin", "trusted-launch-node-admin",
            "imageAdmin", "trusted-launch-image-admin",
            "policyAdmin", "trusted-launch-policy-admin",
            "quotaAdmin", "trusted-launch-quota-admin");

    @Test
    void everyKindAndSubresourceHasARowAndNoOther() throws IOException {
        assertThat(TABLE.resources()).containsExactlyInAnyOrderElementsOf(served());
        assertThat(TABLE.writers()).doesNotHaveDuplicates();
        assertThat(TABLE.writers()).allSatisfy(row -> {
            assertThat(row.update()).as(row.resource()).isNotNull();
            assertThat(row.create() == null).as(row.resource()).isEqualTo(row.isSubresource());
            assertThat(row.delete() == null).as(row.resource()).isEqualTo(row.isSubresource());
        });
    }

    /** However wide a role in a namespace is, it is no way to a status. */
    @Test
    void aPolicyHoldsEachStatus() {
        assertThat(TABLE.writers())
                .filteredOn(Writers.Row::isSubresource)
                .allSatisfy(row -> assertThat(row.update())
                        .as(row.resource())
                        .isNotEmpty()
                        .allMatch(account -> TABLE.accounts().get(account).isHeld()));
    }

    @Test
    void theRolesOfTheChartGiveWhatTheTableSaysAndNothingElse() {
        assertThat(TABLE.accounts().keySet()).containsAll(ROLES.keySet()).hasSize(ROLES.size() + 1);
        Map<String, Set<String>> given = new TreeMap<>();
        Map<String, Set<String>> said = new TreeMap<>();
        ROLES.forEach((account, role) -> {
            given.put(account, writes(role));
            said.put(account, TABLE.cellsOf(account));
        });
        assertThat(given).isEqualTo(said);
    }

    @Test
    void everyLabelAnnotationAndFinalizerOfTheApiHasARowAndNoOther() {
        assertThat(TABLE.keys()).extracting(Writers.Key::key).containsExactlyInAnyOrderElementsOf(keysOfTheApi());
        assertThat(TABLE.keys())
                .allSatisfy(key ->
                        assertThat(TABLE.accounts().keySet()).as(key.key()).containsAll(key.writers()));
    }

    @Test
    void theDocumentSaysTheSame() throws IOException {
        String document = Files.readString(DOCUMENT);
        String written = withRows(
                withRows(document, "| what | created by | changed by | deleted by |", TABLE.rows()),
                "| key | on | written by |",
                TABLE.keyRows());
        Golden.check(DOCUMENT, written);
        assertThat(document.replace('\n', ' ')).contains(bounds());
    }

    private static String withRows(String document, String head, List<String> rows) {
        int begin = document.indexOf("\n", document.indexOf(head + "\n|---") + head.length() + 1) + 1;
        int end = document.indexOf("\n\n", begin - 1) + 1;
        return document.substring(0, begin) + String.join("\n", rows) + "\n" + document.substring(end);
    }

    private static String bounds() throws IOException {
        JsonNode bounds = new YAMLMapper()
                .readTree(Path.of("helm/trusted-launch-operator/files/bounds.yaml")
                        .toFile());
        return "%s labels of %s characters in all, %s annotations of %s, %s finalizers of %s, %s owner references of %s, and %s managers of fields with %s"
                .formatted(Stream.of("labels", "annotations", "finalizers", "ownerReferences", "managedFields")
                        .flatMap(field -> Stream.of("count", "characters")
                                .map(limit -> bounds.at("/metadata/" + field + "/" + limit)))
                        .filter(limit -> !limit.isMissingNode())
                        .toArray());
    }

    @Test
    void aTestHasAnObjectOfEachKind() throws IOException {
        assertThat(Samples.named("x", "x").keySet())
                .containsExactlyInAnyOrderElementsOf(definitions().stream()
                        .map(definition -> definition.at("/spec/names/kind").asText())
                        .toList());
    }

    /** Of resources and their subresources, as "vmbackups/status". */
    private static List<String> served() throws IOException {
        List<String> resources = new ArrayList<>();
        for (JsonNode definition : definitions()) {
            String name = definition.at("/spec/names/plural").asText();
            resources.add(name);
            definition
                    .at("/spec/versions/0/subresources")
                    .fieldNames()
                    .forEachRemaining(subresource -> resources.add(name + "/" + subresource));
        }
        return resources;
    }

    private static List<JsonNode> definitions() throws IOException {
        List<JsonNode> definitions = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("crds"))) {
            for (Path file : files.toList()) {
                definitions.add(new YAMLMapper().readTree(file.toFile()));
            }
        }
        return definitions;
    }

    private static Set<String> writes(String role) {
        Set<String> cells = new TreeSet<>();
        Stream.concat(
                        Installed.named(ClusterRole.class).get(role).getRules().stream(),
                        Installed.all(Role.class).stream()
                                .filter(found -> found.getMetadata().getName().equals(role))
                                .flatMap(found -> found.getRules().stream()))
                .filter(rule -> rule.getApiGroups().contains(Api.GROUP))
                .forEach(rule -> rule.getResources()
                        .forEach(resource -> verbs(rule).forEach(verb -> cells.add(verb + " " + resource))));
        return cells;
    }

    private static Set<String> verbs(PolicyRule rule) {
        Set<String> verbs = new LinkedHashSet<>();
        for (String verb : rule.getVerbs()) {
            switch (verb) {
                case "create" -> verbs.add("create");
                case "update", "patch" -> verbs.add("update");
                case "delete", "deletecollection" -> verbs.add("delete");
                default -> {}
            }
        }
        return verbs;
    }

    private static List<String> keysOfTheApi() {
        Set<String> types = Set.of(Api.PROTECTION_KEY_TYPE, Api.IMAGE_CATALOG_TYPE, Api.BEARER_TOKEN_TYPE);
        return Arrays.stream(Api.class.getFields())
                .filter(field -> field.getType() == String.class)
                .map(WritersTest::value)
                .filter(value -> value.startsWith(Api.GROUP + "/") && !types.contains(value))
                .map(value -> value.substring(Api.GROUP.length() + 1))
                .toList();
    }

    private static String value(Field field) {
        try {
            return (String) field.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
