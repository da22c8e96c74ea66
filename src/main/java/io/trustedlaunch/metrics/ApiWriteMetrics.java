package io.trustedlaunch.metrics;

import io.trustedlaunch.process.ApiWrites;
import java.util.function.Consumer;

/** What a process wrote to the Kubernetes API. */
public record ApiWriteMetrics(ApiWrites writes) implements Consumer<Samples> {
    private static final Metric WRITES = Metric.counter(
            "trusted_launch_api_writes_total",
            "Writes of this process to the Kubernetes API, by the HTTP code of the answer: none is no answer, and 409 a"
                    + " conflict, after which the object is read and decided on again",
            "verb",
            "resource",
            "code");

    @Override
    public void accept(Samples samples) {
        writes.forEach(
                (written, count) -> samples.set(WRITES, count, written.verb(), written.resource(), written.code()));
    }
}
