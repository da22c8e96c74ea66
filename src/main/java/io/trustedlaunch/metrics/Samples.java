package io.trustedlaunch.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The values of one reading. A metric without a value is left out. */
public final class Samples {
    private final Map<Metric, Map<List<String>, Double>> values = new IdentityHashMap<>();

    /** @param labels the values of the metric's labels, in their order */
    public void set(Metric metric, double value, String... labels) {
        of(metric, labels).put(List.of(labels), value);
    }

    /** Counts one more. */
    public void count(Metric metric, String... labels) {
        of(metric, labels).merge(List.of(labels), 1.0, Double::sum);
    }

    /** Keeps the greatest value. */
    public void max(Metric metric, double value, String... labels) {
        of(metric, labels).merge(List.of(labels), value, Math::max);
    }

    private Map<List<String>, Double> of(Metric metric, String... labels) {
        if (labels.length != metric.labels().size()) {
            throw new IllegalArgumentException(
                    metric.name() + " has the labels " + metric.labels() + ", not " + Arrays.toString(labels));
        }
        return values.computeIfAbsent(metric, key -> new HashMap<>());
    }

    MetricSnapshots snapshots() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        values.forEach((metric, points) -> all.metricSnapshot(snapshot(metric, points)));
        return all.build();
    }

    private static MetricSnapshot snapshot(Metric metric, Map<List<String>, Double> points) {
        return switch (metric.type()) {
            case GAUGE -> {
                GaugeSnapshot.Builder gauge =
                        GaugeSnapshot.builder().name(metric.baseName()).help(metric.help());
                points.forEach((labels, value) -> gauge.dataPoint(GaugeDataPointSnapshot.builder()
                        .labels(Labels.of(metric.labels(), labels))
                        .value(value)
                        .build()));
                yield gauge.build();
            }
            case COUNTER -> {
                CounterSnapshot.Builder counter =
                        CounterSnapshot.builder().name(metric.baseName()).help(metric.help());
                points.forEach((labels, value) -> counter.dataPoint(CounterDataPointSnapshot.builder()
                        .labels(Labels.of(metric.labels(), labels))
                        .value(value)
                        .build()));
                yield counter.build();
            }
        };
    }
}
