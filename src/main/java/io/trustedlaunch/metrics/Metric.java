package io.trustedlaunch.metrics;

import java.util.List;

/**
 * A metric whose values are computed when it is read.
 *
 * @param help one sentence, also for the documentation
 * @param labels in the order of their values in {@link Samples}
 */
public record Metric(String name, Type type, String help, List<String> labels) {
    private static final String TOTAL = "_total";

    public enum Type {
        GAUGE,
        COUNTER
    }

    public Metric {
        labels = List.copyOf(labels);
    }

    public static Metric gauge(String name, String help, String... labels) {
        return new Metric(name, Type.GAUGE, help, List.of(labels));
    }

    /** @param name ends with _total */
    public static Metric counter(String name, String help, String... labels) {
        if (!name.endsWith(TOTAL)) {
            throw new IllegalArgumentException("the name of a counter ends with " + TOTAL + ": " + name);
        }
        return new Metric(name, Type.COUNTER, help, List.of(labels));
    }

    /** Prometheus' library adds the ending of counters. */
    String baseName() {
        return type == Type.COUNTER ? name.substring(0, name.length() - TOTAL.length()) : name;
    }
}
