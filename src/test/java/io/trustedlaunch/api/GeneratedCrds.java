package io.trustedlaunch.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import io.trustedlaunch.api.backup.BackupLocation;
import io.trustedlaunch.api.backup.BackupRun;
import io.trustedlaunch.api.backup.StoredBackupRun;
import io.trustedlaunch.api.backup.VMBackup;
import io.trustedlaunch.api.backup.VMBackupDownload;
import io.trustedlaunch.api.backup.VMBackupSchedule;
import io.trustedlaunch.api.image.GuestImage;
import io.trustedlaunch.api.image.ImageCatalog;
import io.trustedlaunch.api.image.ImageCopy;
import io.trustedlaunch.api.image.ImageEligibilityPolicy;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.api.incarnation.VMMigration;
import io.trustedlaunch.api.node.ClusterNode;
import io.trustedlaunch.api.node.FenceDevice;
import io.trustedlaunch.api.node.NodeFence;
import io.trustedlaunch.api.node.StorageLocation;
import io.trustedlaunch.api.node.VMNetwork;
import io.trustedlaunch.api.quota.VMQuota;
import io.trustedlaunch.api.restore.DiskFill;
import io.trustedlaunch.api.restore.RestoreRun;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.VMConsole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The custom resource definitions as they are published: what the build generates, without its blemishes. The generator
 * meets a rule on a record component twice (the field and its accessor), which server-side apply refuses; it sorts
 * printer columns by path; it knows no documentation and no bound for a quantity's length; and it writes bounds of
 * integers as fractions. What all kinds have in common is added here, so that no kind forgets it: the schema of
 * conditions, the format of times, and a status that says that nobody has seen the object yet.
 */
final class GeneratedCrds {
    static final List<Class<? extends CustomResource<?, ?>>> KINDS = List.of(
            TrustedLaunchVM.class,
            GuestImage.class,
            ImageEligibilityPolicy.class,
            ImageCatalog.class,
            StorageLocation.class,
            VMNetwork.class,
            VMQuota.class,
            ClusterNode.class,
            VMMigration.class,
            VMConsole.class,
            VMIncarnation.class,
            ImageCopy.class,
            NodeFence.class,
            FenceDevice.class,
            BackupLocation.class,
            VMBackup.class,
            VMBackupSchedule.class,
            VMBackupDownload.class,
            BackupRun.class,
            StoredBackupRun.class,
            RestoreRun.class,
            DiskFill.class);

    /** Made by the operator, never by people: their first status is their agent's, or the operator's own. */
    private static final Set<Class<?>> INTERNAL = Set.of(
            VMIncarnation.class,
            ImageCopy.class,
            NodeFence.class,
            BackupRun.class,
            StoredBackupRun.class,
            RestoreRun.class,
            DiskFill.class);

    /** Those that are made by hand, or from a repository. */
    static Stream<Class<? extends CustomResource<?, ?>>> writtenByPeople() {
        return KINDS.stream().filter(kind -> !INTERNAL.contains(kind));
    }

    private static final String HEADER = "# Generated from io.trustedlaunch.api by bin/generate: change it there.\n";

    /** Longer than any quantity that anybody writes; without a bound CEL's estimated cost is too high. */
    private static final int QUANTITY_LENGTH = 32;

    private static final Path GENERATED = Path.of("target/crds");
    private static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .build());

    /** metav1.Condition, which the model has without its bounds. */
    private static final String CONDITIONS = """
            type: array
            maxItems: 16
            x-kubernetes-list-type: map
            x-kubernetes-list-map-keys: [type]
            items:
              type: object
              required: [lastTransitionTime, message, reason, status, type]
              properties:
                lastTransitionTime:
                  type: string
                  format: date-time
                  description: When status last changed.
                message:
                  type: string
                  maxLength: MAX_MESSAGE
                  description: The facts and the next step, for people.
                observedGeneration:
                  type: integer
                  format: int64
                  minimum: 0
                  description: metadata.generation that the condition describes.
                reason:
                  type: string
                  minLength: 1
                  maxLength: 1024
                  pattern: ^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$
                  description: Why the condition has this status, in one word for programs.
                status:
                  type: string
                  enum: ["True", "False", Unknown]
                  description: True, False or Unknown.
                type:
                  type: string
                  maxLength: 316
                  pattern: ^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$
                  description: What the condition is about, such as Ready.
            """.replace("MAX_MESSAGE", String.valueOf(Messages.MAX_LENGTH));

    private final Javadoc javadoc = new Javadoc();

    /** File name to content. */
    static Map<String, String> all() {
        Map<String, String> files = new TreeMap<>();
        for (Class<? extends CustomResource<?, ?>> kind : KINDS) {
            String plural = HasMetadata.getPlural(kind);
            files.put(Api.GROUP + "_" + plural + ".yaml", HEADER + new GeneratedCrds().render(kind, plural));
        }
        return files;
    }

    private String render(Class<? extends CustomResource<?, ?>> kind, String plural) {
        try {
            JsonNode crd = YAML.readTree(
                    GENERATED.resolve(plural + "." + Api.GROUP + "-v1.yml").toFile());
            for (JsonNode version : crd.at("/spec/versions")) {
                sortColumns((ArrayNode) version.get("additionalPrinterColumns"), kind);
                ObjectNode schema = (ObjectNode) version.at("/schema/openAPIV3Schema");
                tidy(schema);
                describe(schema, kind);
                if (schema.at("/properties/status").has("properties")) {
                    complete((ObjectNode) schema.at("/properties/status"), kind);
                } else {
                    removeStatus(schema);
                }
            }
            return YAML.writeValueAsString(crd);
        } catch (IOException e) {
            throw new UncheckedIOException("run process-classes first: it generates " + GENERATED, e);
        }
    }

    /** As declared: the order is what people read. */
    private static void sortColumns(ArrayNode columns, Class<?> kind) {
        Map<String, JsonNode> byName = new TreeMap<>();
        columns.forEach(column -> byName.put(column.get("name").asText(), column));
        columns.removeAll();
        for (AdditionalPrinterColumn declared : kind.getAnnotationsByType(AdditionalPrinterColumn.class)) {
            columns.add(byName.get(declared.name()));
        }
    }

    private static void removeStatus(ObjectNode schema) {
        ((ObjectNode) schema.get("properties")).remove("status");
    }

    private static void complete(ObjectNode status, Class<?> kind) throws IOException {
        if (!INTERNAL.contains(kind)) {
            status.putObject("default").put("observedGeneration", -1);
        }
        ObjectNode fields = (ObjectNode) status.get("properties");
        if (fields.has("conditions")) {
            JsonNode description = fields.at("/conditions/description");
            fields.set("conditions", ((ObjectNode) YAML.readTree(CONDITIONS)).set("description", description));
        }
        setFormats(status);
    }

    private static void setFormats(JsonNode node) {
        node.path("properties").properties().forEach(field -> {
            if (field.getKey().endsWith("Time") && field.getValue() instanceof ObjectNode time) {
                time.put("format", "date-time");
                time.put("maxLength", Messages.MAX_TIME);
            }
        });
        node.forEach(GeneratedCrds::setFormats);
    }

    private static void tidy(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (String bound : List.of("minimum", "maximum")) {
                if (object.path(bound).isDouble()) {
                    object.set(bound, LongNode.valueOf(object.get(bound).longValue()));
                }
            }
            if (object.path("x-kubernetes-int-or-string").asBoolean()) {
                object.put("maxLength", QUANTITY_LENGTH);
            }
            if (object.get("x-kubernetes-validations") instanceof ArrayNode rules) {
                Set<JsonNode> seen = new HashSet<>();
                rules.removeIf(rule -> !seen.add(rule));
            }
        }
        node.forEach(GeneratedCrds::tidy);
    }

    private void describe(ObjectNode schema, Class<? extends CustomResource<?, ?>> kind) {
        javadoc.of(kind).ifPresent(text -> schema.put("description", text));
        Type[] specAndStatus = ((ParameterizedType) kind.getGenericSuperclass()).getActualTypeArguments();
        describeProperty(schema, "spec", null, (Class<?>) specAndStatus[0]);
        describeProperty(schema, "status", null, (Class<?>) specAndStatus[1]);
    }

    private void describeRecord(ObjectNode schema, Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            describeProperty(
                    schema,
                    component.getName(),
                    javadoc.of(type, component.getName()).orElse(null),
                    elementType(component.getGenericType()));
        }
    }

    private void describeProperty(ObjectNode parent, String name, String text, Class<?> type) {
        if (!(parent.path("properties").get(name) instanceof ObjectNode property)) {
            return;
        }
        if (type.getName().startsWith(GeneratedCrds.class.getPackageName())) {
            String description = text == null ? javadoc.of(type).orElse(null) : text;
            putDescription(property, description == null ? null : description + javadoc.values(type));
            if (type.isRecord()) {
                describeRecord(property.get("items") instanceof ObjectNode items ? items : property, type);
            }
        } else {
            putDescription(property, text);
        }
    }

    private static void putDescription(ObjectNode property, String text) {
        if (text != null) {
            property.put("description", text);
        }
    }

    /** The type itself, or what a list has; a map's values are never documented. */
    private static Class<?> elementType(Type type) {
        return type instanceof ParameterizedType parameterized
                ? Arrays.stream(parameterized.getActualTypeArguments())
                        .map(argument -> (Class<?>) argument)
                        .findFirst()
                        .orElseThrow()
                : (Class<?>) type;
    }
}
