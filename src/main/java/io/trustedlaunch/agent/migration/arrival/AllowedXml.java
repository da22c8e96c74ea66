package io.trustedlaunch.agent.migration.arrival;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A list of elements and attributes with the values that they may have. A line is a path, and a pattern after {@code =};
 * an element without one has no text:
 *
 * <pre>
 *   # why
 *   domain/devices/input@bus = ps2
 * </pre>
 */
record AllowedXml(Map<String, Pattern> values) {
    private static final Pattern NO_TEXT = Pattern.compile("");

    static AllowedXml of(String list) {
        Map<String, Pattern> values = new HashMap<>();
        list.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .forEach(line -> {
                    int sign = line.indexOf(" = ");
                    values.put(
                            sign < 0 ? line : line.substring(0, sign),
                            sign < 0 ? NO_TEXT : Pattern.compile(line.substring(sign + 3)));
                });
        return new AllowedXml(Map.copyOf(values));
    }

    AllowedXml and(AllowedXml others) {
        Map<String, Pattern> all = new HashMap<>(values);
        all.putAll(others.values);
        return new AllowedXml(Map.copyOf(all));
    }

    boolean has(String path) {
        return values.containsKey(path);
    }

    boolean allows(String path, String value) {
        return has(path) && values.get(path).matcher(value).matches();
    }

    /** Why the element may not be there; empty if it may, with everything in it. */
    Optional<String> refusal(String path, XmlElement element) {
        if (!has(path)) {
            return Optional.of("element " + QuotedInput.text(path) + " is not expected");
        }
        if (!allows(path, element.text())) {
            return Optional.of(otherValue(path, element.text()));
        }
        for (Map.Entry<String, String> attribute : element.attributes().entrySet()) {
            Optional<String> refusal = refusal(path + "@" + attribute.getKey(), attribute.getValue());
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return element.children().stream()
                .map(child -> refusal(path + "/" + child.name(), child))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Why the attribute may not be there; empty if it may. */
    Optional<String> refusal(String path, String value) {
        if (!has(path)) {
            return Optional.of("attribute " + QuotedInput.text(path) + " is not expected");
        }
        return allows(path, value) ? Optional.empty() : Optional.of(otherValue(path, value));
    }

    private static String otherValue(String path, String value) {
        return QuotedInput.text(path) + " is " + QuotedInput.value(value) + ", which is not expected";
    }
}
