package io.trustedlaunch.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A YAML manifest that a test changes in one place. */
public record Manifest(String yaml) {
    private static final YAMLMapper MAPPER = new YAMLMapper();

    /** Applies a JSON merge patch (RFC 7386) written as YAML; null removes a field. */
    public Manifest with(String patch) {
        try {
            return new Manifest(MAPPER.writeValueAsString(merge(MAPPER.readTree(yaml), MAPPER.readTree(patch))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Converts YAML to JSON, for requests that take no YAML, such as a merge patch. */
    public static String json(String yaml) {
        try {
            return MAPPER.readTree(yaml).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode merge(JsonNode target, JsonNode patch) {
        if (!(patch instanceof ObjectNode changes)) {
            return patch;
        }
        ObjectNode merged = target instanceof ObjectNode object ? object : MAPPER.createObjectNode();
        changes.properties().forEach(change -> {
            if (change.getValue().isNull()) {
                merged.remove(change.getKey());
            } else {
                merged.set(change.getKey(), merge(merged.path(change.getKey()), change.getValue()));
            }
        });
        return merged;
    }

    @Override
    public String toString() {
        return yaml;
    }
}
