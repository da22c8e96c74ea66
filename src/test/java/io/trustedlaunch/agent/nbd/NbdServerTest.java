package io.trustedlaunch.agent.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class NbdServerTest {
    private static final int BYTES = (40 << 20) + 17;
    private static final int HOLE = 1 << 20;

    @TempDir
    private Path folder;

    private final byte[] content = content();
    private volatile long damaged = -1;
    private Path socket;
    private NbdServer server;

    /** Each second MiB is zero. */
    private static byte[] content() {
        byte[] content = new byte[BYTES];
        new Random(1).nextBytes(content);
        for (int at = HOLE; at < BYTES; at += 2 * HOLE) {
            Arrays.fill(content, at, Math.min(BYTES, at + HOLE), (byte) 0);
        }
        return content;
    }

    private final class Disk implements NbdExport {
        @Override
        public long bytes() {
            return BYTES;
        }

        @Override
        public long zeros(long offset, long length) {
            return offset / HOLE % 2 == 1 ? Math.min(length, HOLE - offset % HOLE) : 0;
        }

        @Override
        public void read(long offset, ByteBuffer into) throws IOException {
            if (damaged >= offset && damaged < offset + into.remaining()) {
                throw new IOException("damaged");
            }
            into.put(content, (int) offset, into.remaining());
        }
    }

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("nbd.sock");
        server = NbdServer.open(socket, () -> Map.of("root", new Disk(), "data-db", new Disk()));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private NbdClient client() throws IOException {
        return NbdClient.open(socket, "root", List.of());
    }

    private static byte[] read(NbdClient client, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        client.read(offset, bytes);
        return bytes.array();
    }

    @Test
    void anyPartCanBeRead() throws IOException {
        Random random = new Random(2);
        try (NbdClient client = client()) {
            assertThat(client.bytes()).isEqualTo(BYTES);
            for (int reads = 0; reads < 60; reads++) {
                int offset = random.nextInt(BYTES);
                int length = 1 + random.nextInt(Math.min(BYTES - offset, reads % 10 == 0 ? 32 << 20 : 200_000));
                assertThat(read(client, offset, length))
                        .isEqualTo(Arrays.copyOfRange(content, offset, offset + length));
            }
        }
    }

    @Test
    void whatCannotBeReadIsAnErrorAndNoMore() throws IOException {
        damaged = 2 * HOLE + 300_000;
        try (NbdClient client = client()) {
            assertThatThrownBy(() -> read(client, 0, 4 << 20)).hasMessageContaining("error 5");
            assertThatThrownBy(() -> read(client, damaged, 1)).hasMessageContaining("error 5");

            assertThat(read(client, 0, HOLE)).isEqualTo(Arrays.copyOf(content, HOLE));
        }
    }

    @Test
    void anUnknownExportIsRefused() {
        assertThatThrownBy(() -> NbdClient.open(socket, "other", List.of())).isInstanceOf(NbdException.class);
        assertThatThrownBy(() -> NbdClient.open(socket, "root", List.of(NbdContext.ALLOCATION)))
                .isInstanceOf(NbdException.class);
    }

    @Test
    void nothingCanBeWritten() throws IOException {
        try (NbdClient client = client()) {
            assertThatThrownBy(() -> client.write(0, ByteBuffer.allocate(512))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void connectionsAreLimitedAndComeBack() throws IOException {
        List<NbdClient> clients = new ArrayList<>();
        for (int i = 0; i < NbdServer.MOST_CONNECTIONS; i++) {
            clients.add(client());
        }
        assertThatThrownBy(this::client).isInstanceOf(IOException.class);

        for (NbdClient client : clients) {
            client.close();
        }
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> client().close());
    }

    /** What the protocol does not allow ends the connection, and no other. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000002", // no fixed newstyle
                "ffffffff",
                "00000003 0000000000000000 00000007 00000000", // no option
                "00000003 49484156454f5054 00000007 7fffffff", // an option of 2 GiB
                "00000003 49484156454f5054 00000007 ffffffff",
                "00000003 49484156454f5054 00000001 00000004 726f6f74", // NBD_OPT_EXPORT_NAME
                "00000003 49484156454f5054 00000002 00000000", // NBD_OPT_ABORT
            })
    void aHostileHandshakeEndsItsConnection(String hex) throws IOException {
        try (SocketChannel channel = connect()) {
            send(channel, hex);
            assertEnds(channel);
        }
        client().close();
    }

    @Test
    void anEndlessHandshakeEnds() throws IOException {
        try (SocketChannel channel = connect()) {
            send(channel, "00000003");
            for (int options = 0; options < 100; options++) {
                send(channel, "49484156454f5054 00000055 00000000");
            }
            assertEnds(channel);
        }
    }

    @Test
    void aMalformedChoiceIsAnswered() throws IOException {
        try (SocketChannel channel = connect()) {
            send(channel, "00000003 49484156454f5054 00000007 00000004 7fffffff");
            receive(channel, 18);
            assertThat(receive(channel, 20).getInt(12)).isEqualTo(NbdProtocol.OPTION_INVALID);
            // Without structured replies.
            send(channel, "49484156454f5054 00000007 0000000a 00000004 726f6f74 0000");
            assertThat(receive(channel, 20).getInt(12)).isEqualTo(NbdProtocol.OPTION_POLICY);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "25609513 0000 0000 0000000000000001 0000000000000000 02000001", // more than 32 MiB
                "25609513 0000 0000 0000000000000001 0000000000000000 ffffffff",
                "25609513 0000 0000 0000000000000001 0000000000000000 00000000",
                "25609513 0000 0000 0000000000000001 ffffffffffffffff 00000001",
                "25609513 0000 0000 0000000000000001 7fffffffffffffff 00000001",
                "25609513 0000 0000 0000000000000001 0000000002800010 00000002", // beyond the end
                "25609513 0000 0004 0000000000000001 0000000000000000 00000001", // trim
                "25609513 0000 0007 0000000000000001 0000000000000000 00000001", // block status
                "25609513 0000 ffff 0000000000000001 0000000000000000 00000001",
            })
    void aRequestThatCannotBeIsRefused(String hex) throws IOException {
        try (SocketChannel channel = agreed()) {
            send(channel, hex);
            ByteBuffer reply = receive(channel, 26);
            assertThat(reply.getShort(6)).as("the type").isEqualTo((short) NbdProtocol.CHUNK_FAILED);
            assertThat(reply.getInt(20)).isEqualTo(NbdProtocol.INVALID);

            send(channel, "25609513 0000 0000 0000000000000002 0000000000000000 00000001");
            assertThat(receive(channel, 29).get(28)).isEqualTo(content[0]);
        }
    }

    @Test
    void whatIsNoRequestEndsItsConnection() throws IOException {
        try (SocketChannel channel = agreed()) {
            send(channel, "00".repeat(28));
            assertEnds(channel);
        }
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return channel;
    }

    private SocketChannel agreed() throws IOException {
        SocketChannel channel = connect();
        send(channel, "00000003 49484156454f5054 00000008 00000000");
        send(channel, "49484156454f5054 00000007 0000000a 00000004 726f6f74 0000");
        // Greeting, agreement, two descriptions, agreement.
        receive(channel, 18 + 20 + 32 + 34 + 20);
        return channel;
    }

    private static void send(SocketChannel channel, String hex) throws IOException {
        String digits = hex.replace(" ", "");
        ByteBuffer bytes = ByteBuffer.allocate(digits.length() / 2);
        for (int at = 0; at < digits.length(); at += 2) {
            bytes.put((byte) Integer.parseInt(digits.substring(at, at + 2), 16));
        }
        bytes.flip();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static ByteBuffer receive(SocketChannel channel, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            assertThat(channel.read(bytes)).as(new String(bytes.array(), UTF_8)).isPositive();
        }
        return bytes.flip();
    }

    private static void assertEnds(SocketChannel channel) {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
        try {
            while (channel.read(bytes.clear()) >= 0) {
                // Until its end.
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }
}
