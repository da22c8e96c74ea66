package io.trustedlaunch.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The documentation of the API's types and fields in its sources, for {@code kubectl explain}. */
final class Javadoc {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Pattern DOCUMENTED_TYPE = Pattern.compile(
            "/\\*\\*((?:(?!\\*/).)*)\\*/((?!/\\*\\*).)*?\\b(?:record|class|enum) (\\w+)", Pattern.DOTALL);
    private static final Pattern ENUM = Pattern.compile("\\benum (\\w+) \\{([^}]*)}");
    private static final Pattern DOCUMENTED_CONSTANT =
            Pattern.compile("/\\*\\*((?:(?!\\*/).)*)\\*/\\s*(\\w+)", Pattern.DOTALL);

    private final Map<String, String> types = new HashMap<>();
    private final Map<String, String> fields = new HashMap<>();
    private final Map<String, String> constants = new HashMap<>();

    /** Reads the file of a top-level type. */
    void read(Class<?> topLevel) {
        String source;
        try {
            source = Files.readString(SOURCES.resolve(topLevel.getName().replace('.', '/') + ".java"));
        } catch (IOException e) {
            throw new IllegalStateException("no source of " + topLevel, e);
        }
        Matcher matcher = DOCUMENTED_TYPE.matcher(source);
        while (matcher.find()) {
            String type = topLevel.getSimpleName() + "." + matcher.group(3);
            String[] parts = plain(matcher.group(1)).split("@param ", -1);
            types.put(type, text(parts[0]));
            for (int i = 1; i < parts.length; i++) {
                String[] nameAndText = parts[i].split("\\s", 2);
                fields.put(type + "#" + nameAndText[0], text(nameAndText[1]));
            }
        }
        Matcher enums = ENUM.matcher(source);
        while (enums.find()) {
            String type = topLevel.getSimpleName() + "." + enums.group(1);
            DOCUMENTED_CONSTANT
                    .matcher(enums.group(2))
                    .results()
                    .map(constant -> " " + constant.group(2) + ": " + text(plain(constant.group(1))))
                    .reduce(String::concat)
                    .ifPresent(values -> constants.put(type, values));
        }
    }

    private static String plain(String comment) {
        return comment.replaceAll("(?m)^ *\\* ?", "");
    }

    Optional<String> of(Class<?> type) {
        return Optional.ofNullable(types.get(key(type)));
    }

    Optional<String> of(Class<?> type, String field) {
        return Optional.ofNullable(fields.get(key(type) + "#" + field));
    }

    /** What the values of an enum mean; empty if they speak for themselves. */
    String values(Class<?> type) {
        return constants.getOrDefault(key(type), "");
    }

    private String key(Class<?> type) {
        Class<?> topLevel = type;
        while (topLevel.getEnclosingClass() != null) {
            topLevel = topLevel.getEnclosingClass();
        }
        String key = topLevel.getSimpleName() + "." + type.getSimpleName();
        if (!types.containsKey(topLevel.getSimpleName() + "." + topLevel.getSimpleName())) {
            read(topLevel);
        }
        return key;
    }

    private static String text(String javadoc) {
        String text = javadoc.replaceAll("\\s+", " ").strip();
        if (text.isEmpty()) {
            return text;
        }
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + (text.endsWith(".") ? "" : ".");
    }
}
