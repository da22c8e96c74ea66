package io.trustedlaunch.agent.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A port with a full queue looks like a host behind a cut cable: it does not respond. */
class PeerKeepAliveTest {
    private static final UUID VM = UUID.fromString("7c0a2a1e-5f1f-4d9c-9b40-3f5c7d1e2a6b");

    private final AtomicInteger silences = new AtomicInteger();

    @Test
    void aSilentHostIsReportedUntilTheKeepAliveIsClosed() throws IOException {
        List<Socket> queue = new ArrayList<>();
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            fill(silent, queue);
            Peer peer = peer(silent.getLocalPort());
            assertThat(MigrationClient.isReachable(peer)).isFalse();
            PeerKeepAlive keepAlive = keepAlive(peer);
            await().atMost(Duration.ofSeconds(30)).until(() -> silences.get() > 0);
            keepAlive.close();
        } finally {
            for (Socket socket : queue) {
                socket.close();
            }
        }
    }

    @Test
    void aHostWithoutAnAgentIsReachable() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        assertThat(MigrationClient.isReachable(peer(port))).isTrue();
    }

    private PeerKeepAlive keepAlive(Peer peer) {
        MigrationClient agent = new MigrationClient(Optional::empty, Duration.ofSeconds(10));
        return new PeerKeepAlive(new Migration(VM, 2, peer), agent, silences::incrementAndGet);
    }

    private static Peer peer(int port) {
        return new Peer("host-b", InetAddress.getLoopbackAddress().getHostAddress(), port);
    }

    private static void fill(ServerSocket server, List<Socket> queue) throws IOException {
        try {
            while (true) {
                Socket socket = new Socket();
                queue.add(socket);
                socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), 500);
            }
        } catch (SocketTimeoutException e) {
            // It is full.
        }
    }
}
