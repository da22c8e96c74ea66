package io.trustedlaunch.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.api.Api;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The statuses of our kinds, by the schemas that the API server has. */
final class Statuses {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private Statuses() {}

    /** The schema of each kind's status, by its plural. */
    static Map<String, JsonNode> served(KubernetesClient admin) {
        Map<String, JsonNode> statuses = new HashMap<>();
        for (JsonNode definition : Served.read(admin, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")
                .path("items")) {
            if (definition.at("/spec/group").asText().equals(Api.GROUP)) {
                statuses.put(
                        definition.at("/spec/names/plural").asText(),
                        definition.at("/spec/versions/0/schema/openAPIV3Schema/properties/status"));
            }
        }
        return statuses;
    }

    /** Merge patches that remove each field, and that set it to a value of its type. */
    static List<String> forgeries(JsonNode schema) {
        List<String> patches = new ArrayList<>();
        schema.path("properties").properties().forEach(field -> {
            patches.add(patch(field.getKey(), JSON.nullNode()));
            patches.add(patch(field.getKey(), value(field.getValue())));
        });
        return patches;
    }

    private static String patch(String field, JsonNode value) {
        ObjectNode patch = JSON.objectNode();
        patch.putObject("status").set(field, value);
        return patch.toString();
    }

    private static JsonNode value(JsonNode schema) {
        if (schema.has("enum")) {
            return schema.path("enum").get(0);
        }
        return switch (schema.path("type").asText()) {
            case "integer", "number" ->
                JSON.numberNode(Math.max(50, schema.path("minimum").asInt()));
            case "boolean" -> JSON.booleanNode(true);
            case "array" -> JSON.arrayNode();
            case "object" -> object(schema);
            default -> JSON.textNode(schema.path("format").asText().equals("date-time") ? "2026-01-01T00:00:00Z" : "0");
        };
    }

    private static ObjectNode object(JsonNode schema) {
        ObjectNode object = JSON.objectNode();
        schema.path("required")
                .forEach(field -> object.set(
                        field.asText(), value(schema.path("properties").path(field.asText()))));
        return object;
    }
}
