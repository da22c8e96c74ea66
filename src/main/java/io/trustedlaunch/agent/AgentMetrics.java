package io.trustedlaunch.agent;

import io.trustedlaunch.agent.AgentConfiguration.MetricsAccess;
import io.trustedlaunch.agent.metrics.AgentMeters;
import io.trustedlaunch.agent.metrics.GuestMetrics;
import io.trustedlaunch.agent.metrics.HostMetrics;
import io.trustedlaunch.agent.metrics.MetricsServer;
import io.trustedlaunch.audit.AuditEntry;
import io.trustedlaunch.custody.NodeChannel;
import io.trustedlaunch.metrics.ApiWriteMetrics;
import io.trustedlaunch.metrics.AuditedActs;
import io.trustedlaunch.metrics.ComputedMetrics;
import io.trustedlaunch.metrics.ProcessMetrics;
import io.trustedlaunch.process.ApiWrites;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The metrics of an agent, and the port at which they are served to those who may read them. */
final class AgentMetrics implements AutoCloseable {
    private final ProcessMetrics process = new ProcessMetrics();
    private final AgentMeters meters = new AgentMeters(process.registry());
    private final MetricsServer server;

    AgentMetrics(Supplier<Optional<NodeChannel>> channel, Duration connectionLimit, ApiWrites writes) {
        process.add(new ComputedMetrics(new ApiWriteMetrics(writes)));
        this.server = new MetricsServer(channel, process::scrape, connectionLimit);
    }

    AgentMeters meters() {
        return meters;
    }

    Consumer<AuditEntry> acts() {
        return new AuditedActs(process.registry());
    }

    void add(GuestMetrics guests, HostMetrics host) {
        process.add(new ComputedMetrics(guests.andThen(host)));
    }

    void open(MetricsAccess access, Supplier<Optional<InetAddress>> address) {
        process.measureJvm();
        server.open(access.clientAuthority(), address, access.port());
    }

    @Override
    public void close() {
        server.close();
    }
}
