package io.trustedlaunch.access;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.trustedlaunch.access.Served.Resource;
import io.trustedlaunch.testkit.Call;
import io.trustedlaunch.testkit.Cluster;
import io.trustedlaunch.testkit.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What fills the memory of operators and agents is refused when it is written, also for administrators. */
class BoundsIT {
    @RegisterExtension
    static final Cluster CLUSTER = new Cluster();

    private static final String GROUP = "/apis/trustedlaunch.io/v1alpha1";
    private static final String POLICY = "trusted-launch-bounds";

    private static JsonNode bounds;
    private static String namespace;
    private static List<Resource> kinds;

    @BeforeAll
    static void read() throws IOException {
        bounds = new YAMLMapper()
                .readTree(Path.of("helm/trusted-launch-operator/files/bounds.yaml")
                        .toFile());
        namespace = CLUSTER.namespace();
        kinds = Served.of(CLUSTER.admin(), GROUP).stream()
                .filter(resource -> !resource.isSubresource())
                .toList();
    }

    @Test
    void theMetadataOfEachKindIsBounded() {
        for (String field : List.of("labels", "annotations", "finalizers", "ownerReferences")) {
            int count = bounds.at("/metadata/" + field + "/count").asInt();
            int characters = bounds.at("/metadata/" + field + "/characters").asInt();
            for (Resource kind : kinds) {
                assertThat(create(kind, metadata(field, count, 20)))
                        .as("%s of a %s", field, kind.kind())
                        .isEmpty();
                assertThat(create(kind, metadata(field, count + 1, 20)))
                        .as("%s of a %s", field, kind.kind())
                        .contains(POLICY, field + " has " + (count + 1) + " entries, and at most " + count);
                assertThat(create(kind, metadata(field, count, characters / count + 55)))
                        .as("%s of a %s", field, kind.kind())
                        .contains(POLICY, field + " has more than " + characters + " characters");
            }
        }
    }

    /** The objects of the review: 1.2 MB of labels, which Kubernetes takes. */
    @Test
    void thirtyThousandLabelsAreRefused() {
        for (String plural : List.of("vmbackups", "clusternodes")) {
            assertThat(create(plural, metadata("labels", 33_000, 36)))
                    .as(plural)
                    .contains(POLICY, "labels has 33000 entries");
        }
    }

    @Test
    void anObjectThatIsThereDoesNotGrowEither() {
        Resource vms = kind("trustedlaunchvms");
        String name = Cluster.uniqueName("grows");
        assertThat(Call.create(vms.collection(namespace), sample(vms, name).toString())
                        .by(CLUSTER.admin())
                        .message())
                .isEmpty();
        int count = bounds.at("/metadata/labels/count").asInt();
        assertThat(Call.merge(vms.object(namespace, name), metadata("labels", count + 1, 20))
                        .dryRun()
                        .by(CLUSTER.admin())
                        .message())
                .contains(POLICY);
    }

    /** Each that applies has an entry of its own, as large as what it applied. */
    @Test
    void thoseWhoApplyAreCounted() {
        Resource vms = kind("trustedlaunchvms");
        String name = Cluster.uniqueName("applied");
        int count = bounds.at("/metadata/managedFields/count").asInt();
        for (int manager = 0; manager <= count; manager++) {
            String message = new Call(
                            "PATCH",
                            vms.object(namespace, name) + "?force=true&fieldManager=m" + manager,
                            "application/apply-patch+yaml",
                            sample(vms, name).toString())
                    .by(CLUSTER.admin())
                    .message();
            if (manager < count) {
                assertThat(message).isEmpty();
            } else {
                assertThat(message).contains(POLICY, "managedFields has " + (count + 1) + " managers of fields");
            }
        }
    }

    /** They are read with the object and dropped then; a page of lists has a hundred objects. */
    @Test
    void whatTheyNameIsBounded() {
        int characters = bounds.at("/metadata/managedFields/characters").asInt();
        for (Resource kind : kinds) {
            assertThat(create(kind, managed(characters / 100 - 20)))
                    .as(kind.kind())
                    .isEmpty();
            assertThat(create(kind, managed(characters / 100 + 20)))
                    .as(kind.kind())
                    .contains(POLICY, "managedFields has more than " + characters + " characters");
        }
    }

    /** Of so many fields, each of about 100 characters. */
    private static String managed(int fields) {
        return "{\"metadata\": {\"managedFields\": [{\"manager\": \"m\", \"operation\": \"Update\","
                + " \"apiVersion\": \"trustedlaunch.io/v1alpha1\", \"time\": \"2026-01-01T00:00:00Z\","
                + " \"fieldsType\": \"FieldsV1\", \"fieldsV1\": {"
                + IntStream.range(0, fields)
                        .mapToObj(i -> "\"f:%05d%s\": {}".formatted(i, "x".repeat(85)))
                        .collect(joining(","))
                + "}}]}}";
    }

    @Test
    void aKeyThatSomethingIsSelectedByIsNotLongerThanALabels() {
        String tooLong = "at most 317 characters";
        String selected = "{matchLabels: {%s: a}}";
        String term =
                "{spec: {affinity: {vmAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: a,"
                        + " labelSelector: " + selected + "}]}}}}";
        for (String change : List.of("{spec: {nodeSelector: {%s: a}}}", term)) {
            assertThat(create("trustedlaunchvms", Manifest.json(change.formatted("k".repeat(317)))))
                    .as(change)
                    .isEmpty();
            assertThat(create("trustedlaunchvms", Manifest.json(change.formatted("k".repeat(318)))))
                    .as(change)
                    .contains(tooLong);
        }
        assertThat(create(
                        "vmbackupschedules",
                        Manifest.json(("{spec: {vmSelector: " + selected + "}}").formatted("k".repeat(318)))))
                .contains(tooLong);
    }

    @Test
    void whatAVmSelectsByIsBounded() {
        int count = bounds.at("/selectors/count").asInt();
        // One term with two expressions.
        assertThat(create("trustedlaunchvms", affinity(1, count - 3))).isEmpty();
        assertThat(create("trustedlaunchvms", affinity(1, count - 2)))
                .contains(POLICY, "spec selects by " + (count + 1) + " labels, terms, expressions and values in all");
        assertThat(create("trustedlaunchvms", affinity(16, 64))).contains(POLICY, "at most " + count);
        String pods = "{requiredDuringSchedulingIgnoredDuringExecution: ["
                + repeated("{topologyKey: a, labelSelector: {%s}}", 16) + "]}";
        String labels = "matchLabels: {"
                + IntStream.range(0, 60).mapToObj(i -> "l" + i + ": x").collect(joining(", ")) + "}";
        for (String affinity : List.of("vmAffinity", "vmAntiAffinity")) {
            assertThat(create(
                            "trustedlaunchvms",
                            Manifest.json(
                                    "{spec: {affinity: {" + affinity + ": " + pods.replace("%s", labels) + "}}}")))
                    .as(affinity)
                    .contains(POLICY, "at most " + count);
        }
    }

    @Test
    void whatAScheduleSelectsByIsBounded() {
        assertThat(create(
                        "vmbackupschedules",
                        Manifest.json("{spec: {vmSelector: {matchExpressions: [" + expression(64) + ", "
                                + expression(64) + "]}}}")))
                .contains(POLICY, "spec selects by 132");
    }

    private static String affinity(int terms, int values) {
        int each = Math.min(values, 64);
        String expressions = values <= 64
                ? expression(each)
                : IntStream.range(0, (values + 63) / 64)
                        .mapToObj(i -> expression(Math.min(64, values - 64 * i)))
                        .collect(joining(", "));
        return Manifest.json(
                "{spec: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: ["
                        + repeated("{matchExpressions: [" + expressions + "]}", terms) + "]}}}}}");
    }

    private static String expression(int values) {
        return "{key: a, operator: In, values: ["
                + IntStream.range(0, values).mapToObj(i -> "v" + i).collect(joining(", ")) + "]}";
    }

    private static String repeated(String part, int times) {
        return IntStream.range(0, times).mapToObj(i -> part).collect(joining(", "));
    }

    /** A merge patch with so many entries of so many characters each. */
    private static String metadata(String field, int count, int characters) {
        String entries = IntStream.range(0, count)
                .mapToObj(i -> entry(field, "%05d".formatted(i), characters))
                .collect(joining(", "));
        boolean isMap = field.equals("labels") || field.equals("annotations");
        return "{\"metadata\": {\"" + field + "\": " + (isMap ? "{" + entries + "}" : "[" + entries + "]") + "}}";
    }

    private static String entry(String field, String number, int characters) {
        return switch (field) {
            case "labels", "annotations" -> {
                String prefix = characters < 150 ? "b" : "a".repeat(60) + "." + "b".repeat(60);
                int rest = Math.max(0, characters - prefix.length() - 7);
                yield "\"%s/c%s\": \"%s\""
                        .formatted(prefix, number, "x".repeat(field.equals("labels") ? Math.min(63, rest) : rest));
            }
            case "finalizers" ->
                "\"%s.com/%s\""
                        .formatted(
                                "x".repeat(Math.min(63, characters / 2)),
                                number + "x".repeat(Math.min(58, characters / 2)));
            default ->
                "{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"name\": \"%s\", \"uid\": \"%s\"}"
                        .formatted("x".repeat(Math.max(1, characters - 11)), number);
        };
    }

    private static String create(String plural, String change) {
        return create(kind(plural), change);
    }

    private static String create(Resource kind, String change) {
        String object = new Manifest(sample(kind, Cluster.uniqueName("bounds")).toString())
                .with(change)
                .yaml();
        return Call.create(kind.collection(namespace), object)
                .dryRun()
                .by(CLUSTER.admin())
                .message();
    }

    private static ObjectNode sample(Resource kind, String name) {
        return Samples.named(name, CLUSTER.adminName()).get(kind.kind());
    }

    private static Resource kind(String plural) {
        return kinds.stream()
                .filter(kind -> kind.name().equals(plural))
                .findFirst()
                .orElseThrow();
    }
}
