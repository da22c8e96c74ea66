package io.trustedlaunch.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.trustedlaunch.process.ProductVersion;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** The metrics of one process. */
public final class ProcessMetrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Lock one = new ReentrantLock();

    public ProcessMetrics(MeterFilter... filters) {
        for (MeterFilter filter : filters) {
            registry.config().meterFilter(filter);
        }
        Gauge.builder("trusted.launch.build.info", () -> 1)
                .description("Always 1; the label has the version of the program")
                .tag("version", ProductVersion.running())
                .register(registry);
    }

    /** Measures until the process ends: some meters listen to the JVM. */
    public void measureJvm() {
        List<MeterBinder> jvm = List.of(
                new ClassLoaderMetrics(),
                new JvmGcMetrics(),
                new JvmInfoMetrics(),
                new JvmMemoryMetrics(),
                new JvmThreadMetrics(),
                new FileDescriptorMetrics(),
                new ProcessorMetrics(),
                new UptimeMetrics());
        jvm.forEach(binder -> binder.bindTo(registry));
    }

    public PrometheusMeterRegistry registry() {
        return registry;
    }

    public void add(ComputedMetrics computed) {
        registry.getPrometheusRegistry().register(computed);
    }

    /**
     * The present values in Prometheus' text format. One scrape at a time, since it takes memory. Not synchronized: before
     * JDK 24 that would hold the thread which virtual threads run on.
     */
    public String scrape() {
        one.lock();
        try {
            return registry.scrape();
        } finally {
            one.unlock();
        }
    }
}
