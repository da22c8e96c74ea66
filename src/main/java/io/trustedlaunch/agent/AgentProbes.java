package io.trustedlaunch.agent;

import io.trustedlaunch.process.TextPages.Text;
import io.trustedlaunch.process.TextServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** Answers the kubelet's probes. Only processes of the host can connect: the agent is on the host's network. */
public final class AgentProbes implements AutoCloseable {
    private static final int CONNECTIONS = 16;
    private static final Duration LONGEST_PROBE = Duration.ofSeconds(5);

    private final Optional<TextServer> server;

    private AgentProbes(Optional<TextServer> server) {
        this.server = server;
    }

    /** @param port empty: none */
    public static AgentProbes open(
            OptionalInt port, Supplier<Optional<String>> notAlive, Supplier<Optional<String>> notReady)
            throws IOException {
        return port.isEmpty()
                ? new AgentProbes(Optional.empty())
                : new AgentProbes(Optional.of(new TextServer(
                        "health",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port.getAsInt()),
                        CONNECTIONS,
                        LONGEST_PROBE,
                        Map.of("/healthz", page(notAlive), "/readyz", page(notReady)))));
    }

    private static Supplier<Text> page(Supplier<Optional<String>> problem) {
        return () -> problem.get().map(text -> new Text(503, text + "\n")).orElseGet(() -> Text.ok("ok\n"));
    }

    /** Where it listens; empty without a port. */
    Optional<InetSocketAddress> address() {
        return server.map(TextServer::address);
    }

    @Override
    public void close() throws IOException {
        if (server.isPresent()) {
            server.get().close();
        }
    }
}
