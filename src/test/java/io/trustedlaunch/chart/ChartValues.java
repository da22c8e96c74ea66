package io.trustedlaunch.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The chart's values.yaml. A value has its comment directly above it; the values below it belong to it, unless they have
 * comments of their own.
 */
final class ChartValues {
    static final Path CHART = Path.of("helm/trusted-launch-operator");

    private static final Pattern COMMENT = Pattern.compile(" *# ?(.*)");
    private static final Pattern KEY = Pattern.compile("( *)([A-Za-z][\\w./-]*):(| .*)");
    private static final int INDENT = 2;

    /**
     * A value with a comment.
     *
     * @param path its keys, from the top
     * @param preset its default
     */
    record Value(List<String> path, String comment, JsonNode preset) {
        String name() {
            return String.join(".", path);
        }

        boolean covers(List<String> other) {
            return other.size() >= path.size() && other.subList(0, path.size()).equals(path);
        }
    }

    private ChartValues() {}

    static JsonNode presets() {
        return read("values.yaml", new YAMLMapper());
    }

    static JsonNode schema() {
        return read("values.schema.json", new ObjectMapper());
    }

    private static JsonNode read(String file, ObjectMapper mapper) {
        try {
            return mapper.readTree(CHART.resolve(file).toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In the order of the file; without those whose parts have comments. */
    static List<Value> documented() {
        List<Value> commented = commented();
        return commented.stream()
                .filter(value -> commented.stream().noneMatch(part -> part != value && value.covers(part.path())))
                .toList();
    }

    private static List<Value> commented() {
        List<Value> values = new ArrayList<>();
        List<String> path = new ArrayList<>();
        List<String> comment = new ArrayList<>();
        for (String line : lines()) {
            Matcher commentLine = COMMENT.matcher(line);
            if (commentLine.matches()) {
                comment.add(commentLine.group(1));
                continue;
            }
            Matcher key = KEY.matcher(line);
            if (key.matches()) {
                path = new ArrayList<>(
                        path.subList(0, Math.min(path.size(), key.group(1).length() / INDENT)));
                path.add(key.group(2));
                if (!comment.isEmpty()) {
                    values.add(new Value(List.copyOf(path), String.join(" ", comment), preset(path)));
                }
            }
            comment.clear();
        }
        return values;
    }

    private static List<String> lines() {
        try {
            return Files.readAllLines(CHART.resolve("values.yaml"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode preset(List<String> path) {
        JsonNode found = presets();
        for (String key : path) {
            found = found.path(key);
        }
        return found;
    }
}
