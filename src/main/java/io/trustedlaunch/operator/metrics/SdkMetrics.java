package io.trustedlaunch.operator.metrics;

import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import java.time.Duration;
import java.util.stream.Stream;

/** The SDK's own metrics, without those of its series whose number has no limit. */
public final class SdkMetrics {
    private static final String EXECUTIONS = "operator.sdk.controllers.execution.";

    /** A pass that fails is repeated without end, and each number would be a series of its own. */
    private static final String[] RETRIES = {"reconciliations.retries.number", "reconciliations.retries.last"};

    /** Replaces some seventy of each controller. */
    private static final DistributionStatisticConfig BUCKETS = DistributionStatisticConfig.builder()
            .percentilesHistogram(false)
            .serviceLevelObjectives(Stream.of(10, 50, 100, 500, 1000, 5000, 30_000)
                    .mapToDouble(millis -> Duration.ofMillis(millis).toNanos())
                    .toArray())
            .build();

    private SdkMetrics() {}

    /** A registry has them before its first meter. */
    public static MeterFilter[] filters() {
        return new MeterFilter[] {
            MeterFilter.ignoreTags(RETRIES),
            new MeterFilter() {
                @Override
                public Meter.Id map(Meter.Id id) {
                    return withGroup(withGroup(id, ""), "resource.");
                }

                @Override
                public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
                    return id.getName().startsWith(EXECUTIONS) ? BUCKETS.merge(config) : config;
                }
            }
        };
    }

    /** The SDK leaves it out for kinds of Kubernetes itself, and Prometheus takes no series with fewer labels than others. */
    private static Meter.Id withGroup(Meter.Id id, String prefix) {
        return id.getTag(prefix + "kind") != null && id.getTag(prefix + "group") == null
                ? id.withTag(Tag.of(prefix + "group", ""))
                : id;
    }

    public static Metrics in(MeterRegistry registry) {
        return MicrometerMetrics.withoutPerResourceMetrics(registry);
    }
}
