package io.trustedlaunch.metrics;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a scrape says of its metrics, by name. */
record ScrapedMetrics(Map<String, Described> byName) {
    private static final Pattern ABOUT = Pattern.compile("# (HELP|TYPE) (\\S+) ?(.*)");
    private static final Pattern SAMPLE = Pattern.compile("([a-z0-9_]+)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"");

    static final class Described {
        private String help = "";
        private String type = "";
        private final TreeSet<String> labels = new TreeSet<>();
    }

    static ScrapedMetrics in(String scrape) {
        Map<String, Described> found = new TreeMap<>();
        String[] current = {""};
        scrape.lines().forEach(line -> {
            Matcher about = ABOUT.matcher(line);
            if (about.matches()) {
                current[0] = about.group(2);
                Described described = found.computeIfAbsent(current[0], name -> new Described());
                if (about.group(1).equals("HELP")) {
                    described.help = about.group(3).strip();
                } else {
                    described.type = about.group(3);
                }
            } else {
                Matcher sample = SAMPLE.matcher(line);
                if (!sample.matches()) {
                    throw new AssertionError("not a sample: " + line);
                }
                LABEL.matcher(sample.group(2) == null ? "" : sample.group(2))
                        .results()
                        .map(label -> label.group(1))
                        .filter(label -> !label.equals("le") && !label.equals("quantile"))
                        .forEach(found.get(current[0]).labels::add);
            }
        });
        // Micrometer adds one to each of its timers.
        found.keySet().removeIf(name -> name.endsWith("_seconds_max"));
        return new ScrapedMetrics(found);
    }

    ScrapedMetrics only(Predicate<String> name) {
        return new ScrapedMetrics(byName.entrySet().stream()
                .filter(entry -> name.test(entry.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, other) -> one, TreeMap::new)));
    }

    String table() {
        return byName.entrySet().stream()
                .map(entry -> "| `%s` | %s | %s | %s |\n"
                        .formatted(
                                entry.getKey(),
                                entry.getValue().type,
                                entry.getValue().labels.stream()
                                        .map(label -> "`" + label + "`")
                                        .collect(Collectors.joining(", ")),
                                entry.getValue().help))
                .collect(Collectors.joining("", "| metric | type | labels | meaning |\n|---|---|---|---|\n", ""));
    }
}
