package io.trustedlaunch.process;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trustedlaunch.process.TextPages.Text;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The attacker is somebody on the network, who can connect to the port of the probes. */
@Timeout(60)
class TextServerTest {
    private static final int LIMIT = 64;
    private static final int ANSWER_TIMEOUT_MILLIS = 10_000;

    private static final Map<String, Supplier<Text>> PAGES = Map.of(
            "/healthz",
            () -> Text.ok("ok\n"),
            "/readyz",
            () -> new Text(503, "starting\n"),
            "/long",
            () -> Text.ok("x".repeat(50_000_000)),
            "/broken",
            () -> {
                throw new IllegalStateException("for the test");
            });

    private final List<Socket> attackers = new ArrayList<>();
    private TextServer server;

    @AfterEach
    void close() throws IOException {
        for (Socket attacker : attackers) {
            attacker.close();
        }
        server.close();
    }

    @Test
    void aClientThatSendsHalfARequestDelaysNoProbe() throws IOException {
        start(LIMIT, Duration.ofMinutes(1));
        attack("GET /he");

        assertThat(get("/healthz")).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nok\n");
    }

    @Test
    void aThousandSilentClientsDelayNoProbe() throws IOException {
        start(LIMIT, Duration.ofMinutes(1));
        for (int i = 0; i < 1000; i++) {
            attack(i % 2 == 0 ? "" : "GET /healthz HTTP/1.1\r\n");
        }

        for (int i = 0; i < 10; i++) {
            assertThat(get("/healthz")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void clientsThatReadNoAnswerDelayNoProbe() throws IOException {
        start(4, Duration.ofMinutes(1));
        for (int i = 0; i < 8; i++) {
            attack("GET /long HTTP/1.1\r\n\r\n");
        }

        assertThat(get("/healthz")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void aSilentClientIsCutOff() throws IOException {
        start(LIMIT, Duration.ofMillis(50));

        assertThat(attack("GET /he").getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void aClientThatSendsOneByteAtATimeIsCutOff() throws IOException {
        start(LIMIT, Duration.ofMillis(200));
        Socket attacker = attack("GET /healthz HTTP/1.1\r\nX: ");
        attacker.setSoTimeout(10);

        assertThatThrownBy(() -> {
                    while (attacker.isConnected()) {
                        attacker.getOutputStream().write('x');
                        assertNoAnswer(attacker);
                    }
                })
                .isInstanceOf(IOException.class);
    }

    @Test
    void aRequestWithoutEndIsRefused() throws IOException {
        start(LIMIT, Duration.ofMinutes(1));
        Socket attacker = attack("GET /healthz HTTP/1.1\r\n");

        assertThatThrownBy(() -> {
                    while (attacker.isConnected()) {
                        attacker.getOutputStream().write("X: xxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n".getBytes(US_ASCII));
                    }
                })
                .isInstanceOf(IOException.class);
    }

    @Test
    void answersWhatItServesAndNothingElse() throws IOException {
        start(LIMIT, Duration.ofMinutes(1));

        assertThat(get("/readyz")).startsWith("HTTP/1.1 503 ").endsWith("\r\n\r\nstarting\n");
        assertThat(get("/healthz?verbose")).startsWith("HTTP/1.1 200 ");
        assertThat(get("/metrics")).startsWith("HTTP/1.1 404 ");
        assertThat(get("/broken")).startsWith("HTTP/1.1 500 ").doesNotContain("for the test");
        assertThat(send("POST /healthz HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 405 ");
        assertThat(send("nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    }

    private void start(int limit, Duration longestConnection) throws IOException {
        server = new TextServer("test", new InetSocketAddress(0), limit, longestConnection, PAGES);
    }

    private Socket attack(String request) throws IOException {
        Socket socket = connect();
        attackers.add(socket);
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        return socket;
    }

    private String get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    }

    private String send(String request) throws IOException {
        try (Socket probe = connect()) {
            probe.getOutputStream().write(request.getBytes(US_ASCII));
            return new String(probe.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(ANSWER_TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
        return socket;
    }

    /** Waits a moment for one. */
    private static void assertNoAnswer(Socket attacker) throws IOException {
        try {
            if (attacker.getInputStream().read() >= 0) {
                throw new AssertionError("an answer to half a request");
            }
            throw new IOException("closed");
        } catch (SocketTimeoutException e) {
            // Still open.
        }
    }
}
