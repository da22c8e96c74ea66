package io.trustedlaunch.agent.console;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.trustedlaunch.agent.hypervisor.FakeConsole;
import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.hypervisor.HypervisorException;
import io.trustedlaunch.agent.hypervisor.HypervisorFailure;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.console.Frame;
import io.trustedlaunch.console.Frames;
import io.trustedlaunch.custody.SessionKey;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who gets a guest's screen, over real sockets. */
class ScreenSharingTest {
    private static final int TIMEOUT_MILLIS = 10_000;

    private final List<FakeConsole> opened = new CopyOnWriteArrayList<>();
    private final ConsoleNode node = new ConsoleNode(this::open);
    private volatile boolean hasScreen = true;

    private GuestConsole open(ConsoleSession session) {
        if (session.kind() == ConsoleKind.Screen && !hasScreen) {
            throw new HypervisorException(new HypervisorFailure.ScreenMissing(session.vm()));
        }
        FakeConsole console = new FakeConsole();
        opened.add(console);
        return console;
    }

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void sessionsOfOneUserShareAScreenUntilThereAreTooMany() throws IOException {
        try (SSLSocket first = enter("one", "ada", ConsoleKind.Screen);
                SSLSocket second = enter("two", "ada", ConsoleKind.Screen);
                SSLSocket third = enter("three", "ada", ConsoleKind.Screen)) {
            opened.forEach(screen -> screen.guestWrites("x"));
            for (SSLSocket each : List.of(first, second, third)) {
                assertThat(Frames.read(each.getInputStream())).isInstanceOf(Frame.Output.class);
            }
            try (SSLSocket fourth = enter("four", "ada", ConsoleKind.Screen)) {
                assertThat(Frames.read(first.getInputStream()))
                        .isEqualTo(new Frame.Ended("session finance/four took over the screen"));
                opened.getLast().guestWrites("x");
                assertThat(Frames.read(fourth.getInputStream())).isInstanceOf(Frame.Output.class);
                assertThat(opened.get(1).isClosed()).isFalse();
            }
        }
    }

    @Test
    void anotherUserTakesTheScreenOverFromAllOfThem() throws IOException {
        try (SSLSocket first = enter("one", "ada", ConsoleKind.Screen);
                SSLSocket second = enter("two", "ada", ConsoleKind.Screen);
                SSLSocket eves = enter("three", "eve", ConsoleKind.Screen)) {
            for (SSLSocket former : List.of(first, second)) {
                assertThat(Frames.read(former.getInputStream()))
                        .isEqualTo(new Frame.Ended("session finance/three took over the screen"));
            }
            await().until(() -> opened.get(0).isClosed() && opened.get(1).isClosed());
            opened.getLast().guestWrites("x");
            assertThat(Frames.read(eves.getInputStream())).isInstanceOf(Frame.Output.class);
        }
    }

    @Test
    void theSerialConsoleAndTheScreenAreTwoThingsAndTheRecordSaysWhich() throws IOException {
        try (SSLSocket serial = enter("one", "ada", ConsoleKind.Serial);
                SSLSocket screen = enter("two", "eve", ConsoleKind.Screen)) {
            opened.getFirst().guestWrites("x");
            assertThat(Frames.read(serial.getInputStream())).isInstanceOf(Frame.Output.class);
            assertThat(node.audited()).hasSize(2);
            assertThat(node.audited().getFirst()).contains("\"consoleKind\":\"Serial\"");
            assertThat(node.audited().getLast())
                    .contains("\"act\":\"ConsoleOpened\"", "\"requestedBy\":\"eve\"", "\"consoleKind\":\"Screen\"");
            assertThat(screen.isClosed()).isFalse();
        }
    }

    /** Waiting would not help. */
    @Test
    void aMachineWithoutAScreenEndsTheSession() throws IOException {
        hasScreen = false;
        try (SSLSocket client = connect("one", "ada", ConsoleKind.Screen)) {
            assertThat(Frames.read(client.getInputStream()))
                    .isInstanceOfSatisfying(
                            Frame.Ended.class, ended -> assertThat(ended.why()).contains("has no screen"));
        }
        assertThat(node.audited()).isEmpty();
    }

    /** Of RFB, no byte may be missing, and a viewer types faster than a serial line is. */
    @Test
    void nothingOfAScreenIsDroppedAndItsInputIsNotSlowedDown() throws IOException {
        try (SSLSocket client = enter("one", "ada", ConsoleKind.Screen)) {
            String line = "x".repeat(8000);
            for (int i = 0; i < 500; i++) {
                opened.getFirst().guestWrites(line);
            }
            client.getOutputStream().write("k".repeat(1 << 20).getBytes(US_ASCII));
            await().until(() -> opened.getFirst().typed().length() == 1 << 20);
            int received = 0;
            while (received < 500 * 8000) {
                byte[] bytes = ((Frame.Output) Frames.read(client.getInputStream())).bytes();
                assertThat(bytes).containsOnly((byte) 'x');
                received += bytes.length;
            }
        }
    }

    @Test
    void aClientThatReadsNothingIsStillDisconnected() throws IOException {
        try (SSLSocket client = enter("one", "ada", ConsoleKind.Screen)) {
            String line = "x".repeat(8000);
            for (int i = 0; i < 2000; i++) {
                opened.getFirst().guestWrites(line);
            }
            node.withdrawAll();
            await("the blocked client to be disconnected")
                    .until(() -> opened.getFirst().isClosed());
            assertThat(client.isConnected()).isTrue();
        }
    }

    private SSLSocket enter(String name, String user, ConsoleKind kind) throws IOException {
        SSLSocket socket = connect(name, user, kind);
        assertThat(Frames.read(socket.getInputStream())).isEqualTo(new Frame.Opened());
        return socket;
    }

    private SSLSocket connect(String name, String user, ConsoleKind kind) throws IOException {
        SessionKey key = SessionKey.generate(InstantSource.system(), new SecureRandom());
        String id = UUID.nameUUIDFromBytes(name.getBytes(US_ASCII)).toString();
        node.grant(id, name, user, kind, key.fingerprint());
        SSLSocket socket = (SSLSocket) key.toNode(node.authority(), ConsoleNode.NAME)
                .getSocketFactory()
                .createSocket("127.0.0.1", node.port());
        socket.setSoTimeout(TIMEOUT_MILLIS);
        SessionKey.name(socket, id);
        return socket;
    }
}
