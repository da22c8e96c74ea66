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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of who writes what says it of everything, and roles and documents say the same. */
class WritersTest {
    private static final Writers TABLE = Writers.read();
    private static final Path DOCUMENT = Path.of("docs/security.md");
    /** A text in a class file: tag, length in two bytes, content. */
    private static final Pattern CONSTANT =
            Pattern.compile("\\x01\\x00(.)(trustedlaunch\\.io/[A-Za-z0-9._-]+)", Pattern.DOTALL);

    /** Types of Secrets, and signers of certificates. */
    private static final Set<String> NO_KEYS = Set.of(
            "protection-key",
            "image-catalog",
            "bearer-token",
            "certificate-authority",
            "backup-key",
            "node-sealing",
            "node-agent",
            "node-qemu");

    /** Those that are installed by default, by the account of the table that has them. WriterAccessIT has the fencer. */
    private static final Map<String, String> ROLES = Map.of(
            "operator", "trusted-launch-operator",
            "agent", "trusted-launch-agent",
            "importer", "trusted-launch-backup-import",
            "tenant", "trusted-launch-edit",
            "console", "trusted-launch-console",
            "download", "trusted-launch-backup-download",
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
    void everyLabelAnnotationAndFinalizerThatCodeNamesHasARowAndNoOther() throws IOException {
        assertThat(TABLE.keys()).extracting(Writers.Key::key).containsExactlyInAnyOrderElementsOf(keysInCode());
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

    /** From the constants of all classes: also of a key that is named nowhere but where it is written. */
    private static Set<String> keysInCode() throws IOException {
        Set<String> keys = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("target/classes/io/trustedlaunch"))) {
            for (Path file :
                    files.filter(file -> file.toString().endsWith(".class")).toList()) {
                CONSTANT.matcher(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .results()
                        .filter(found ->
                                found.group(1).charAt(0) == found.group(2).length())
                        .forEach(found -> keys.add(found.group(2).substring(Api.GROUP.length() + 1)));
            }
        }
        assertThat(keys).containsAll(NO_KEYS);
        keys.removeAll(NO_KEYS);
        return keys;
    }
}
