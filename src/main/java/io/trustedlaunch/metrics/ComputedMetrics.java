package io.trustedlaunch.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.function.Consumer;

/** Metrics that one pass over their source computes at each scrape, so that between two scrapes they cost nothing. */
public record ComputedMetrics(Consumer<Samples> source) implements MultiCollector {
    @Override
    public MetricSnapshots collect() {
        Samples samples = new Samples();
        source.accept(samples);
        return samples.snapshots();
    }
}
