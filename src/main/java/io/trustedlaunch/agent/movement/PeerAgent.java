package io.trustedlaunch.agent.movement;

import io.trustedlaunch.custody.NodeChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Asks at other agents' doors. */
final class PeerAgent {
    private static final int LONGEST_ANSWER = 512;
    private static final String OK = "ok";

    private final Supplier<Optional<NodeChannel>> channel;
    private final Duration limit;

    /** @param limit for a request, from the first byte to the answer */
    PeerAgent(Supplier<Optional<NodeChannel>> channel, Duration limit) {
        this.channel = channel;
        this.limit = limit;
    }

    /** Returns the connection, on which the other side has said yes. */
    TlsConnection ask(Peer peer, DoorRequest request) throws IOException {
        NodeChannel own = channel.get()
                .orElseThrow(() -> new IOException("this node has no certificate for connections between agents yet"));
        TlsConnection connection = TlsConnection.to(peer, own.toNode(peer.nodeName()));
        try (TimeLimit inTime = TimeLimit.on(connection, limit)) {
            connection.peer(own);
            Lines.write(connection.socket().getOutputStream(), request.line());
            String answer = Lines.read(connection.socket().getInputStream(), LONGEST_ANSWER);
            if (!answer.equals(OK)) {
                throw new IOException("node " + peer.nodeName() + " says: " + printable(answer));
            }
            return connection;
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private static String printable(String answer) {
        return answer.replaceAll("[^ -~]", "?");
    }
}
