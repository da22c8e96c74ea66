package io.trustedlaunch.agent.migration;

import io.trustedlaunch.agent.gueststate.HomeFile;
import io.trustedlaunch.custody.NodeChannel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Sends requests to other agents' migration servers. */
final class MigrationClient {
    private static final int MAX_RESPONSE = 512;
    private static final String OK = "ok";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

    private final Supplier<Optional<NodeChannel>> channel;
    private final Duration limit;

    /** @param limit for a request, from the first byte to the response */
    MigrationClient(Supplier<Optional<NodeChannel>> channel, Duration limit) {
        this.channel = channel;
        this.limit = limit;
    }

    /** Returns the connection once the other side has accepted the request. */
    TlsConnection send(Peer peer, MigrationRequest request) throws IOException {
        NodeChannel own = channel.get()
                .orElseThrow(() -> new IOException("this node has no certificate for connections between agents yet"));
        TlsConnection connection = TlsConnection.to(peer, own.toNode(peer.nodeName()));
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            connection.peer(own);
            Lines.write(connection.socket().getOutputStream(), request.line());
            String response = Lines.read(connection.socket().getInputStream(), MAX_RESPONSE);
            requireOk("node " + peer.nodeName(), response);
            return connection;
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** Whether the host responds at all, even if its agent does not. */
    static boolean isReachable(Peer peer) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(peer.address(), peer.port()), (int) CONNECT_TIMEOUT.toMillis());
            return true;
        } catch (ConnectException e) {
            // The host is there: it refused the connection.
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns when the other side has received it. */
    void sendSeed(Migration migration, byte[] seed) throws IOException {
        try (TlsConnection connection = send(
                        migration.to(),
                        new MigrationRequest(MigrationRequest.Kind.SEED, migration.vm(), migration.epoch()));
                TimeLimit inTime = TimeLimit.on(connection, limit)) {
            SeedTransfer.write(connection.socket().getOutputStream(), seed);
            Lines.read(connection.socket().getInputStream(), MAX_RESPONSE);
        }
    }

    /** Returns when the other side has it on its disk. */
    void sendHome(Migration migration, List<HomeFile> files) throws IOException {
        try (TlsConnection connection = send(
                        migration.to(),
                        new MigrationRequest(MigrationRequest.Kind.HOME, migration.vm(), migration.epoch()));
                TimeLimit inTime = TimeLimit.on(connection, limit)) {
            HomeTransfer.write(connection.socket().getOutputStream(), files);
            requireOk(
                    "node " + migration.to().nodeName(),
                    Lines.read(connection.socket().getInputStream(), MAX_RESPONSE));
        }
    }

    /** Reports on a handoff connection that the guest has left. Returns when the other side has that on its disk. */
    void sendLeft(TlsConnection connection) throws IOException {
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            Lines.write(connection.socket().getOutputStream(), MigrationServer.LEFT);
            requireOk("the other agent", Lines.read(connection.socket().getInputStream(), MAX_RESPONSE));
        }
    }

    private static void requireOk(String peer, String response) throws IOException {
        if (!response.equals(OK)) {
            throw new IOException(peer + " refused: " + printable(response));
        }
    }

    private static String printable(String response) {
        return response.replaceAll("[^ -~]", "?");
    }
}
