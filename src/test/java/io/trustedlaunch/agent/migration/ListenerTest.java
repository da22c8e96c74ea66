package io.trustedlaunch.agent.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Over real sockets: a peer that sends a byte is answered, and counts as unauthenticated until then. */
class ListenerTest {
    private static final String KNOWN = "127.0.0.2";

    private final List<Socket> sockets = new ArrayList<>();
    private final AtomicReference<Optional<InetAddress>> address =
            new AtomicReference<>(Optional.of(host("127.0.0.1")));
    private final Listener listener =
            new Listener("test", "anybody", host(KNOWN)::equals, (accepted, authenticated) -> {
                int first = accepted.getInputStream().read();
                authenticated.run();
                accepted.getOutputStream().write(first);
            });

    @BeforeEach
    void open() {
        listener.open(address::get, 0, () -> {});
        await().until(() -> listener.port().isPresent());
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void idleConnectionsOfAStrangerDoNotBlockAKnownPeer() throws IOException {
        for (int i = 0; i < 16; i++) {
            connect("127.0.0.66");
        }

        assertThat(isAnswered(connect(KNOWN))).isTrue();
        assertThat(isAnswered(connect("127.0.0.67"))).as("another stranger").isTrue();
        assertThat(isAnswered(connect("127.0.0.66")))
                .as("who shares the stranger's address")
                .isTrue();
    }

    /** Each fills what one address may have. */
    @Test
    void aFewStrangersDoNotKeepTheDoorFromANewFace() throws IOException {
        List<Socket> idle = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            idle.add(connect("127.0.0." + (66 + i % 4)));
        }
        Socket slow = connect("127.0.0.99");

        assertThat(isAnswered(connect("127.0.0.100"))).isTrue();
        assertThat(isAnswered(slow)).as("the only one of its address").isTrue();
        await("the oldest of those with the most to go")
                .untilAsserted(() -> assertThat(isAnswered(idle.getFirst())).isFalse());
    }

    @Test
    void manyStrangersDoNotBlockAKnownPeer() throws IOException {
        for (int i = 0; i < 64; i++) {
            connect("127.0.1." + i);
        }

        assertThat(isAnswered(connect("127.0.2.1"))).as("a further stranger").isTrue();
        assertThat(isAnswered(connect(KNOWN))).isTrue();
    }

    @Test
    void aPeerThatHasAuthenticatedDoesNotCount() throws IOException {
        for (int i = 0; i < 64; i++) {
            assertThat(isAnswered(connect("127.0.0.66"))).isTrue();
        }
    }

    @Test
    void onlyTheHostsAddressIsListenedAt() {
        assertThatThrownBy(() -> new Socket("127.0.0.3", listener.port().orElseThrow()))
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void anAddressThatCannotBeFoundIsLookedForAgain() throws IOException {
        AtomicInteger attempts = new AtomicInteger();
        try (Listener late = new Listener("late", "anybody", any -> false, (accepted, authenticated) -> {})) {
            late.open(
                    () -> {
                        if (attempts.incrementAndGet() == 1) {
                            throw new UncheckedIOException(new UnknownHostException("no route"));
                        }
                        return Optional.of(host("127.0.0.1"));
                    },
                    0,
                    () -> {});

            await().until(() -> late.port().isPresent());
        }
    }

    @Test
    void thePortOpensOnceTheHostsAddressIsKnown() throws IOException {
        AtomicReference<Optional<InetAddress>> unknown = new AtomicReference<>(Optional.empty());
        AtomicInteger opened = new AtomicInteger();
        try (Listener late = new Listener("late", "anybody", any -> false, (accepted, authenticated) -> {})) {
            late.open(unknown::get, 0, opened::incrementAndGet);
            assertThat(late.port()).isEmpty();

            unknown.set(Optional.of(host("127.0.0.1")));

            await().until(() -> late.port().isPresent() && opened.get() == 1);
        }
    }

    private Socket connect(String from) throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setSoTimeout(10_000);
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress("127.0.0.1", listener.port().orElseThrow()));
        return socket;
    }

    private static InetAddress host(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static boolean isAnswered(Socket socket) {
        try {
            socket.getOutputStream().write('x');
            return socket.getInputStream().read() == 'x';
        } catch (IOException e) {
            return false;
        }
    }
}
