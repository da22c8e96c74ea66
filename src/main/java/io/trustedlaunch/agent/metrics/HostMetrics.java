package io.trustedlaunch.agent.metrics;

import io.trustedlaunch.custody.CertificatePurpose;
import io.trustedlaunch.metrics.Metric;
import io.trustedlaunch.metrics.Samples;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Metrics of the resources that the agent needs for its work.
 *
 * @param ports the open ones; empty while closed
 * @param certificates when they expire; without those that the node does not have
 */
public record HostMetrics(
        Map<String, Supplier<OptionalInt>> ports, Supplier<Map<CertificatePurpose, Instant>> certificates)
        implements Consumer<Samples> {
    private static final Metric PORT_OPEN = Metric.gauge(
            "trusted_launch_agent_port_open",
            "1 if the agent takes connections at the port for migration or console, else 0",
            "port");

    private static final Metric EXPIRATION = Metric.gauge(
            "trusted_launch_agent_certificate_expiration_timestamp_seconds",
            "When the node's certificate for sealing, agent or qemu expires; the agent renews it before",
            "purpose");

    @Override
    public void accept(Samples samples) {
        ports.forEach((name, port) -> samples.set(PORT_OPEN, port.get().isPresent() ? 1 : 0, name));
        certificates
                .get()
                .forEach(
                        (purpose, expiration) -> samples.set(EXPIRATION, expiration.getEpochSecond(), purpose.label()));
    }
}
