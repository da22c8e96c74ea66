package io.trustedlaunch.bench;

import static java.util.stream.Collectors.toList;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.trustedlaunch.testkit.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Objects as large as schemas and the policy on bounds let a tenant write them. */
final class LargestObjects {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LONG_NAME = "n".repeat(253);
    /** Of a label, with the longest prefix. */
    private static final String LONG_KEY = "p".repeat(253) + "/" + "k".repeat(60) + "%03d";

    private static final String LONG_VALUE = "v".repeat(63);
    /** What each entry has besides its key's end and its value. */
    private static final int DIGITS = 2;

    private final JsonNode bounds;
    private final List<JsonNode> owners;
    private final String user;

    /**
     * @param owners references to objects of the namespace, so that no object is removed as an orphan
     * @param user who opens consoles
     */
    LargestObjects(List<JsonNode> owners, String user) throws IOException {
        this.bounds = new YAMLMapper()
                .readTree(Path.of("helm/trusted-launch-operator/files/bounds.yaml")
                        .toFile());
        this.owners = List.copyOf(owners);
        this.user = user;
    }

    /**
     * Empty for a kind that this does not know.
     *
     * @param vm a small one that can start
     */
    Optional<ObjectNode> of(String plural, String name, ObjectNode vm) {
        return switch (plural) {
            case "trustedlaunchvms" -> Optional.of(vm(name, vm));
            case "vmmigrations" -> Optional.of(with(name, "VMMigration", "{vmRef: {name: " + LONG_NAME + "}}"));
            case "vmbackups" ->
                Optional.of(with(
                        name,
                        "VMBackup",
                        "{vmRef: {name: " + LONG_NAME + "}, locationRef: {name: " + LONG_NAME + "}}"));
            case "vmbackupschedules" -> Optional.of(schedule(name));
            case "vmbackupdownloads" ->
                Optional.of(with(
                        name,
                        "VMBackupDownload",
                        "{backupRef: {name: %s}, disk: root, clientKeySHA256: \"%s\", requestedBy: \"%s\"}"
                                .formatted(LONG_NAME, "0".repeat(64), user)));
            case "vmconsoles" ->
                Optional.of(with(
                        name,
                        "VMConsole",
                        "{vmRef: {name: %s}, clientKeySHA256: \"%s\", requestedBy: \"%s\"}"
                                .formatted(LONG_NAME, "0".repeat(64), user)));
            default -> Optional.empty();
        };
    }

    private ObjectNode with(String name, String kind, String spec) {
        ObjectNode object = JSON.createObjectNode();
        object.put("apiVersion", "trustedlaunch.io/v1alpha1").put("kind", kind);
        ObjectNode metadata = object.putObject("metadata").put("name", name);
        entries(metadata.putObject("labels"), "labels", LONG_VALUE.length());
        entries(metadata.putObject("annotations"), "annotations", Integer.MAX_VALUE);
        ArrayNode finalizers = metadata.putArray("finalizers");
        int each = characters("finalizers") / count("finalizers");
        IntStream.range(0, count("finalizers"))
                .forEach(i -> finalizers.add("d".repeat(each - 64) + "/" + "f".repeat(61) + "%02d".formatted(i)));
        metadata.putArray("ownerReferences").addAll(owners);
        object.set("spec", read(spec));
        return object;
    }

    /** As many as may be, of the same length, with values as long as they can be. */
    private void entries(ObjectNode map, String field, int longestValue) {
        int each = characters(field) / count(field);
        int value = Math.min(longestValue, each - 4 - DIGITS);
        String key = "a/" + "k".repeat(each - value - 2 - DIGITS);
        IntStream.range(0, count(field)).forEach(i -> map.put(key + "%02d".formatted(i), "v".repeat(value)));
    }

    private int count(String field) {
        return bounds.at("/metadata/" + field + "/count").asInt();
    }

    private int characters(String field) {
        return bounds.at("/metadata/" + field + "/characters").asInt();
    }

    private ObjectNode vm(String name, ObjectNode small) {
        ObjectNode vm = with(name, "TrustedLaunchVM", "{}");
        ObjectNode spec = small.withObject("/spec").deepCopy();
        vm.set("spec", spec);
        ArrayNode disks = spec.putArray("dataDisks");
        IntStream.range(0, 16)
                .forEach(i -> disks.addObject()
                        .put("name", "d".repeat(30) + "%02d".formatted(i))
                        .put("size", "1Mi"));
        ArrayNode cards = spec.putArray("networkInterfaces");
        IntStream.range(0, 8)
                .forEach(i -> cards.addObject().put("name", "c".repeat(31) + i).put("network", "default"));
        ArrayNode tolerations = spec.putArray("tolerations");
        IntStream.range(0, 32)
                .forEach(i -> tolerations
                        .addObject()
                        .put("key", LONG_KEY.formatted(i))
                        .put("operator", "Equal")
                        .put("value", LONG_VALUE)
                        .put("effect", "PreferNoSchedule"));
        int parts = bounds.at("/selectors/count").asInt()
                - spec.path("nodeSelector").size();
        ArrayNode terms =
                spec.withObject("/affinity/vmAffinity").putArray("preferredDuringSchedulingIgnoredDuringExecution");
        for (int each : List.of(parts / 2, parts - parts / 2)) {
            ObjectNode term = terms.addObject().put("weight", 1).putObject("vmAffinityTerm");
            term.put("topologyKey", LONG_KEY.formatted(0));
            term.putObject("labelSelector").set("matchLabels", labels(each - 1));
        }
        return vm;
    }

    private ObjectNode schedule(String name) {
        ObjectNode schedule = with(
                name,
                "VMBackupSchedule",
                "{locationRef: {name: " + LONG_NAME + "}, schedule: 0 2 * * *, timeZone: Etc/UTC}");
        ObjectNode selector = schedule.withObject("/spec/vmSelector");
        selector.set("matchLabels", labels(64));
        ArrayNode expressions = selector.putArray("matchExpressions");
        int left = bounds.at("/selectors/count").asInt() - 1 - 64;
        IntStream.range(0, 16).forEach(i -> {
            ObjectNode expression =
                    expressions.addObject().put("key", LONG_KEY.formatted(i)).put("operator", "In");
            expression.set(
                    "values",
                    JSON.valueToTree(IntStream.range(0, left / 16 - 1 + (i < left % 16 ? 1 : 0))
                            .mapToObj(value -> LONG_VALUE)
                            .collect(toList())));
        });
        return schedule;
    }

    private static ObjectNode labels(int count) {
        ObjectNode labels = JSON.createObjectNode();
        IntStream.range(0, count).forEach(i -> labels.put(LONG_KEY.formatted(i), LONG_VALUE));
        return labels;
    }

    private static JsonNode read(String yaml) {
        try {
            return JSON.readTree(Manifest.json(yaml));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
