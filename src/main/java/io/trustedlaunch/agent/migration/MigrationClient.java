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

/** Asks at other agents' doors. */
final class MigrationClient {
    private static final int LONGEST_ANSWER = 512;
    private static final String OK = "ok";
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(3);

    private final Supplier<Optional<NodeChannel>> channel;
    private final Duration limit;

    /** @param limit for a request, from the first byte to the answer */
    MigrationClient(Supplier<Optional<NodeChannel>> channel, Duration limit) {
        this.channel = channel;
        this.limit = limit;
    }

    /** Returns the connection, on which the other side has said yes. */
    TlsConnection ask(Peer peer, MigrationRequest request) throws IOException {
        NodeChannel own = channel.get()
                .orElseThrow(() -> new IOException("this node has no certificate for connections between agents yet"));
        TlsConnection connection = TlsConnection.to(peer, own.toNode(peer.nodeName()));
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            connection.peer(own);
            Lines.write(connection.socket().getOutputStream(), request.line());
            String answer = Lines.read(connection.socket().getInputStream(), LONGEST_ANSWER);
            requireYes("node " + peer.nodeName(), answer);
            return connection;
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** Whether the host answers at all; it need not be its agent that does. */
    static boolean isInReach(Peer peer) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(peer.address(), peer.port()), (int) ANSWERS_WITHIN.toMillis());
            return true;
        } catch (ConnectException e) {
            // Refused: there is a host to do that.
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns when the other side has it. */
    void giveSeed(Migration move, byte[] seed) throws IOException {
        try (TlsConnection connection =
                        ask(move.to(), new MigrationRequest(MigrationRequest.Kind.SEED, move.vm(), move.epoch()));
                TimeLimit inTime = TimeLimit.on(connection, limit)) {
            SeedTransfer.write(connection.socket().getOutputStream(), seed);
            Lines.read(connection.socket().getInputStream(), LONGEST_ANSWER);
        }
    }

    /** Returns when the other side has it on its disk. */
    void giveHome(Migration move, List<HomeFile> files) throws IOException {
        try (TlsConnection connection =
                        ask(move.to(), new MigrationRequest(MigrationRequest.Kind.HOME, move.vm(), move.epoch()));
                TimeLimit inTime = TimeLimit.on(connection, limit)) {
            HomeTransfer.write(connection.socket().getOutputStream(), files);
            requireYes(
                    "node " + move.to().nodeName(),
                    Lines.read(connection.socket().getInputStream(), LONGEST_ANSWER));
        }
    }

    /** Says on a connection that was opened for it that the guest has left. Returns when the other side has that on its disk. */
    void sayLeft(TlsConnection connection) throws IOException {
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            Lines.write(connection.socket().getOutputStream(), MigrationServer.LEFT);
            requireYes("the other agent", Lines.read(connection.socket().getInputStream(), LONGEST_ANSWER));
        }
    }

    private static void requireYes(String who, String answer) throws IOException {
        if (!answer.equals(OK)) {
            throw new IOException(who + " says: " + printable(answer));
        }
    }

    private static String printable(String answer) {
        return answer.replaceAll("[^ -~]", "?");
    }
}
