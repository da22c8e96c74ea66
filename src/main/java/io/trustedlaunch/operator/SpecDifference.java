package io.trustedlaunch.operator;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Compares what was applied with what the API server has, which adds defaults. */
final class SpecDifference {
    /** The defaults of fields that the chart leaves out. */
    private static final Map<String, String> DEFAULTS = Map.of("matchPolicy", "Equivalent", "scope", "*");

    private SpecDifference() {}

    /** The first field that differs, as a path from spec. */
    static Optional<String> between(JsonNode wanted, JsonNode found) {
        return differences("spec", wanted, found).findFirst();
    }

    private static Stream<String> differences(String path, JsonNode wanted, JsonNode found) {
        if (wanted.isObject() && found.isObject()) {
            TreeSet<String> fields = new TreeSet<>();
            wanted.fieldNames().forEachRemaining(fields::add);
            found.fieldNames().forEachRemaining(fields::add);
            return fields.stream()
                    .filter(field -> wanted.has(field) || !isDefault(field, found.get(field)))
                    .flatMap(field -> differences(path + "." + field, wanted.path(field), found.path(field)));
        }
        if (wanted.isArray() && wanted.size() == found.size()) {
            return IntStream.range(0, wanted.size())
                    .boxed()
                    .flatMap(i -> differences(path + "[" + i + "]", wanted.get(i), found.path(i)));
        }
        return wanted.equals(found) ? Stream.empty() : Stream.of(path);
    }

    private static boolean isDefault(String field, JsonNode value) {
        return value.isNull()
                || (value.isContainerNode() && value.isEmpty())
                || value.asText().equals(DEFAULTS.get(field));
    }
}
