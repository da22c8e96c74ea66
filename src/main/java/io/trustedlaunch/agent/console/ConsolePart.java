package io.trustedlaunch.agent.console;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.hypervisor.Hypervisor;
import io.trustedlaunch.api.incarnation.VMIncarnation;
import io.trustedlaunch.audit.AuditLog;
import io.trustedlaunch.custody.NodeChannel;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/** Assembles what opens guests' consoles to users. */
public final class ConsolePart implements AutoCloseable {
    private final Supplier<Optional<NodeChannel>> channel;
    private final ConsoleWatch watch;
    private final ConsoleServer server;

    /**
     * @param incarnations the VM's latest one on this node
     * @param limit for the handshake and the request of a connection
     * @param clock the API server's
     */
    public ConsolePart(
            KubernetesClient client,
            String nodeName,
            Function<UUID, Optional<VMIncarnation>> incarnations,
            Hypervisor hypervisor,
            ConsoleLogs logs,
            Supplier<Optional<NodeChannel>> channel,
            Duration limit,
            InstantSource clock,
            AuditLog audit) {
        this.channel = channel;
        this.watch = new ConsoleWatch(client, nodeName, incarnations, clock);
        this.server = new ConsoleServer(
                channel,
                watch,
                (vm, epoch) -> {
                    GuestConsole live = hypervisor.openConsole(vm, epoch);
                    return new RecordedConsole(logs.recent(vm), live);
                },
                limit,
                audit);
    }

    /** @param opened runs once the port is open */
    public void start(Supplier<Optional<InetAddress>> address, int port, Runnable opened) {
        watch.start(server::checkSessions);
        server.open(address, port, opened);
    }

    /** Empty while it is closed, or this node has no certificate. */
    public OptionalInt port() {
        return channel.get().isPresent() ? server.port() : OptionalInt.empty();
    }

    @Override
    public void close() {
        server.close();
        watch.close();
    }
}
