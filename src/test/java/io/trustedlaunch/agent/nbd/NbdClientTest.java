package io.trustedlaunch.agent.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server says that obeys, and one that does not. */
class NbdClientTest {
    private static final String DIRTY = NbdContext.dirtyBitmap("os");
    private static final List<String> CONTEXTS = List.of(NbdContext.ALLOCATION, DIRTY);
    private static final int SIZE = 1 << 20;

    @TempDir
    private Path folder;

    private ByteBuffer read(UnaryOperator<ScriptedNbdServer> answers, long offset, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        try (ScriptedNbdServer server =
                        answers.apply(ScriptedNbdServer.of(folder).agrees(SIZE, List.of()));
                NbdClient client = NbdClient.open(server.socket(), "os", List.of())) {
            client.read(offset, target);
        }
        return target.flip();
    }

    private List<List<NbdExtent>> status(UnaryOperator<ScriptedNbdServer> answers, long offset, int length)
            throws IOException {
        try (ScriptedNbdServer server =
                        answers.apply(ScriptedNbdServer.of(folder).agrees(SIZE, CONTEXTS));
                NbdClient client = NbdClient.open(server.socket(), "os", CONTEXTS)) {
            return client.status(offset, length);
        }
    }

    private void write(UnaryOperator<ScriptedNbdServer> answers, long offset, int length) throws IOException {
        try (ScriptedNbdServer server =
                        answers.apply(ScriptedNbdServer.of(folder).agrees(SIZE, List.of()));
                NbdClient client = NbdClient.open(server.socket(), "os", List.of())) {
            ByteBuffer data = ByteBuffer.allocate(length);
            client.write(offset, data);
            assertThat(data.hasRemaining()).isFalse();
            client.flush();
        }
    }

    @Test
    void whatIsWrittenIsAcknowledgedInEitherForm() throws IOException {
        write(server -> server.simple(0).ofRequest(2).simple(0), 0, SIZE);
        write(server -> server.nothing(true).ofRequest(2).nothing(true), SIZE - 1, 1);
        write(server -> server.simple(0).ofRequest(2).nothing(true), 0, 512);
    }

    @Test
    void aRefusedWriteOrFlushIsNotTakenForOne() {
        assertThatThrownBy(() -> write(server -> server.simple(5), 0, 512))
                .isInstanceOf(NbdException.class)
                .hasMessage("it refuses with error 5");
        assertThatThrownBy(() -> write(server -> server.simple(0).ofRequest(2).error(5, "lost"), 0, 512))
                .isInstanceOf(NbdException.class)
                .hasMessage("it refuses with error 5: lost");
        assertThatThrownBy(() -> write(server -> server.error(28, "full"), 0, 512))
                .isInstanceOfSatisfying(
                        NbdException.class, e -> assertThat(e.isNoSpace()).isTrue());
        assertThatThrownBy(() -> write(server -> server.simple(-1), 0, 512))
                .isInstanceOfSatisfying(
                        NbdException.class, e -> assertThat(e.isNoSpace()).isFalse());
    }

    @Test
    void anAcknowledgementOfSomethingElseIsRefused() {
        assertThatThrownBy(() -> write(server -> server.ofRequest(2).simple(0), 0, 512))
                .hasMessageContaining("what was not asked");
        assertThatThrownBy(() -> write(server -> server.ofRequest(2).nothing(true), 0, 512))
                .hasMessageContaining("what was not asked");
        assertThatThrownBy(() -> write(server -> server.simple(0).simple(0), 0, 512))
                .as("the write's again in the place of the flush's")
                .hasMessageContaining("what was not asked");
        assertThatThrownBy(() -> write(server -> server.nothing(false), 0, 512))
                .hasMessageContaining("does not come to an end");
        assertThatThrownBy(() -> write(server -> server.data(0, new byte[512], true), 0, 512))
                .hasMessageContaining("unknown type");
        assertThatThrownBy(() -> write(server -> server.hole(0, 512, true), 0, 512))
                .hasMessageContaining("unknown type");
        assertThatThrownBy(() -> write(server -> server.head(1, 0, 4), 0, 512)).isInstanceOf(NbdException.class);
        assertThatThrownBy(() -> write(server -> server.says(new byte[20]), 0, 512))
                .isInstanceOf(NbdException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MAX_VALUE, 5, 1 << 20})
    void aRefusalWithoutMeasureIsRefused(int length) {
        assertThatThrownBy(() -> write(server -> server.head(1, (1 << 15) | 1, length), 0, 512))
                .isInstanceOf(NbdException.class);
    }

    @Test
    void nothingIsWrittenBeyondTheDiskOrInOnePieceThatNoServerTakes() throws IOException {
        try (ScriptedNbdServer server = ScriptedNbdServer.of(folder).agrees(1L << 40, List.of());
                NbdClient client = NbdClient.open(server.socket(), "os", List.of())) {
            for (ByteBuffer data : List.of(
                    ByteBuffer.allocate(0), ByteBuffer.allocate(2), ByteBuffer.allocate(NbdClient.MOST_BYTES + 1))) {
                assertThatThrownBy(() -> client.write((1L << 40) - 1, data))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void dataAndHolesArePutTogether() throws IOException {
        byte[] data = new byte[200_000];
        new Random(1).nextBytes(data);

        ByteBuffer read = read(
                server ->
                        server.data(4096, data, false).hole(204_096, 100, false).data(204_196, new byte[] {7}, true),
                4096,
                200_101);

        byte[] start = new byte[200_000];
        read.get(start);
        assertThat(start).isEqualTo(data);
        byte[] hole = new byte[100];
        read.get(hole);
        assertThat(hole).containsOnly(0);
        assertThat(read.get()).isEqualTo((byte) 7);
        assertThat(read.hasRemaining()).isFalse();
    }

    @Test
    void theSizeIsTheExports() throws IOException {
        try (ScriptedNbdServer server = ScriptedNbdServer.of(folder).agrees(SIZE, List.of());
                NbdClient client = NbdClient.open(server.socket(), "os", List.of())) {
            assertThat(client.bytes()).isEqualTo(SIZE);
            assertThatThrownBy(() -> client.read(SIZE - 1, ByteBuffer.allocate(2)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void whatContextsTellIsCutToWhatAllTellOf() throws IOException {
        List<List<NbdExtent>> told =
                status(server -> server.status(1, false, 4096, 3, 8192, 0).status(0, true, 65536, 2), 0, 65536);

        assertThat(told)
                .containsExactly(
                        List.of(new NbdExtent(0, 12_288, 2)),
                        List.of(new NbdExtent(0, 4096, 3), new NbdExtent(4096, 8192, 0)));
        assertThat(told.getFirst().getFirst().has(NbdContext.ZERO)).isTrue();
        assertThat(told.getLast().getFirst().has(NbdContext.DIRTY)).isTrue();
    }

    @Test
    void whatIsToldBeyondTheQuestionIsCutOff() throws IOException {
        assertThat(status(server -> server.status(0, false, -1, 0, -1, 1).status(1, true, 512, 0, 4096, 1), 512, 1024))
                .containsExactly(
                        List.of(new NbdExtent(512, 1024, 0)),
                        List.of(new NbdExtent(512, 512, 0), new NbdExtent(1024, 512, 1)));
    }

    @Test
    void aRefusalIsToldWithoutWhatATerminalObeys() {
        assertThatThrownBy(() -> read(server -> server.error(5, "no\u001b[2J such disk"), 0, 512))
                .isInstanceOf(NbdException.class)
                .hasMessage("it refuses with error 5: no?[2J such disk");
    }

    @Test
    void dataThatWasNotAskedIsRefused() {
        assertThatThrownBy(() -> read(server -> server.data(512, new byte[512], true), 0, 512))
                .isInstanceOf(NbdException.class);
        assertThatThrownBy(() -> read(server -> server.data(0, new byte[513], true), 0, 512))
                .isInstanceOf(NbdException.class);
        assertThatThrownBy(() -> read(server -> server.data(0, new byte[0], true), 0, 512))
                .isInstanceOf(NbdException.class);
        assertThatThrownBy(() ->
                        read(server -> server.data(0, new byte[256], false).data(0, new byte[256], true), 0, 512))
                .isInstanceOf(NbdException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 513, Integer.MIN_VALUE})
    void holesOfAnotherSizeAreRefused(int bytes) {
        assertThatThrownBy(() -> read(server -> server.hole(0, bytes, true), 0, 512))
                .isInstanceOf(NbdException.class);
    }

    @Test
    void lessThanWasAskedIsRefused() {
        assertThatThrownBy(() -> read(server -> server.data(0, new byte[256], true), 0, 512))
                .hasMessageContaining("256 of 512 bytes at 0");
        assertThatThrownBy(() -> read(server -> server.nothing(true), 0, 512)).hasMessageContaining("0 of 512");
    }

    @Test
    void aReplyThatSaysNothingMustBeTheLast() {
        assertThatThrownBy(() -> read(server -> server.nothing(false).nothing(false), 0, 512))
                .hasMessageContaining("does not come to an end");
    }

    @Test
    void anAnswerToAnotherQuestionIsRefused() {
        assertThatThrownBy(() -> read(server -> server.ofRequest(2).data(0, new byte[512], true), 0, 512))
                .hasMessageContaining("what was not asked");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MAX_VALUE, 1 << 20})
    void aReplyWithoutMeasureIsRefused(int length) {
        assertThatThrownBy(() -> read(server -> server.head(1, (1 << 15) | 1, length), 0, 512))
                .isInstanceOf(NbdException.class);
        assertThatThrownBy(() -> status(server -> server.head(1, 5, length), 0, 512))
                .isInstanceOf(NbdException.class);
    }

    @Test
    void aContextThatIsToldTwiceOrNotOrOfNothingIsRefused() {
        assertThatThrownBy(
                        () -> status(server -> server.status(0, false, 512, 0).status(0, true, 512, 0), 0, 512))
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> status(server -> server.status(0, true, 512, 0), 0, 512))
                .hasMessageContaining("does not tell");
        assertThatThrownBy(() -> status(server -> server.status(9, true, 512, 0), 0, 512))
                .hasMessageContaining("not asked");
        assertThatThrownBy(() -> status(server -> server.status(0, true, 0, 0), 0, 512))
                .hasMessageContaining("without a byte");
    }

    @Test
    void aServerWithoutTheBitmapIsRefused() throws IOException {
        try (ScriptedNbdServer server = ScriptedNbdServer.of(folder).agrees(SIZE, List.of(NbdContext.ALLOCATION))) {
            assertThatThrownBy(() -> NbdClient.open(server.socket(), "os", CONTEXTS))
                    .hasMessage("it does not serve " + DIRTY);
        }
    }

    @Test
    void whatIsNoServerIsRefused() throws IOException {
        try (ScriptedNbdServer server =
                ScriptedNbdServer.of(folder).says("SSH-2.0-OpenSSH_9.2 and more".getBytes(UTF_8))) {
            assertThatThrownBy(() -> NbdClient.open(server.socket(), "os", List.of()))
                    .hasMessageContaining("no NBD server");
        }
    }

    @Test
    void aServerThatEndsIsNoticed() {
        assertThatThrownBy(() -> read(server -> server.says(new byte[3]).ends(), 0, 512))
                .isInstanceOf(NbdException.class)
                .hasMessageContaining("closed the connection");
        assertThatThrownBy(() -> write(ScriptedNbdServer::ends, 0, 512)).isInstanceOf(IOException.class);
    }

    @Test
    void aSilentServerIsLeftByClosing() throws Exception {
        try (ScriptedNbdServer server = ScriptedNbdServer.of(folder).agrees(SIZE, List.of());
                NbdClient client = NbdClient.open(server.socket(), "os", List.of())) {
            Thread closer = Thread.ofPlatform().start(() -> {
                server.awaitRequest();
                try {
                    client.close();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThatThrownBy(() -> client.read(0, ByteBuffer.allocate(512)))
                    .isInstanceOf(ClosedChannelException.class);
            closer.join();
        }
    }
}
