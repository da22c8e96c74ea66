package io.trustedlaunch.agent.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Says to one client what the test wants it to, whatever the client asks, and notices that it asks. */
final class ScriptedNbdServer implements AutoCloseable {
    private static final int GO = 7;
    private static final int STRUCTURED = 8;
    private static final int CONTEXT = 10;
    /** What a client sends until the end of its first request, of an export "os" without contexts. */
    private static final int FIRST_REQUEST = 4 + 16 + 16 + 8 + 28;

    private final Path socket;
    private final ServerSocketChannel listening;
    private final ByteArrayOutputStream script = new ByteArrayOutputStream();
    private final CountDownLatch requested = new CountDownLatch(1);
    private final Thread thread;
    private boolean ends;
    private long request = 1;

    private ScriptedNbdServer(Path socket) throws IOException {
        this.socket = socket;
        Files.deleteIfExists(socket);
        listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        thread = Thread.ofPlatform().unstarted(this::serve);
    }

    static ScriptedNbdServer of(Path folder) {
        try {
            return new ScriptedNbdServer(folder.resolve("nbd"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The script is complete. */
    Path socket() {
        thread.start();
        return socket;
    }

    ScriptedNbdServer agrees(long bytes, List<String> contexts) {
        says("NBDMAGICIHAVEOPT".getBytes(UTF_8));
        says(ByteBuffer.allocate(2).putShort((short) 3));
        option(STRUCTURED, 1, new byte[0]);
        for (int number = 0; number < contexts.size(); number++) {
            byte[] name = contexts.get(number).getBytes(UTF_8);
            option(
                    CONTEXT,
                    4,
                    ByteBuffer.allocate(4 + name.length)
                            .putInt(number)
                            .put(name)
                            .array());
        }
        if (!contexts.isEmpty()) {
            option(CONTEXT, 1, new byte[0]);
        }
        option(
                GO,
                3,
                ByteBuffer.allocate(12)
                        .putShort((short) 0)
                        .putLong(bytes)
                        .putShort((short) 3)
                        .array());
        option(GO, 1, new byte[0]);
        return this;
    }

    private void option(int option, int type, byte[] data) {
        says(ByteBuffer.allocate(20 + data.length)
                .putLong(0x3e889045565a9L)
                .putInt(option)
                .putInt(type)
                .putInt(data.length)
                .put(data));
    }

    /** The number of the request that is answered. */
    ScriptedNbdServer ofRequest(long number) {
        request = number;
        return this;
    }

    ScriptedNbdServer head(int flags, int type, int length) {
        return says(ByteBuffer.allocate(20)
                .putInt(0x668e33ef)
                .putShort((short) flags)
                .putShort((short) type)
                .putLong(request)
                .putInt(length));
    }

    ScriptedNbdServer simple(int error) {
        return says(ByteBuffer.allocate(16).putInt(0x67446698).putInt(error).putLong(request));
    }

    ScriptedNbdServer nothing(boolean last) {
        return head(last ? 1 : 0, 0, 0);
    }

    ScriptedNbdServer data(long offset, byte[] data, boolean last) {
        head(last ? 1 : 0, 1, 8 + data.length);
        return says(ByteBuffer.allocate(8 + data.length).putLong(offset).put(data));
    }

    ScriptedNbdServer hole(long offset, int bytes, boolean last) {
        head(last ? 1 : 0, 2, 12);
        return says(ByteBuffer.allocate(12).putLong(offset).putInt(bytes));
    }

    /** @param extents lengths and flags, in turn */
    ScriptedNbdServer status(int context, boolean last, int... extents) {
        head(last ? 1 : 0, 5, 4 + 4 * extents.length);
        ByteBuffer data = ByteBuffer.allocate(4 + 4 * extents.length).putInt(context);
        for (int one : extents) {
            data.putInt(one);
        }
        return says(data);
    }

    ScriptedNbdServer error(int number, String message) {
        byte[] text = message.getBytes(UTF_8);
        head(1, (1 << 15) | 1, 6 + text.length);
        return says(ByteBuffer.allocate(6 + text.length)
                .putInt(number)
                .putShort((short) text.length)
                .put(text));
    }

    private ScriptedNbdServer says(ByteBuffer bytes) {
        return says(bytes.array());
    }

    ScriptedNbdServer says(byte[] bytes) {
        script.writeBytes(bytes);
        return this;
    }

    /** It closes the connection once it was asked. */
    ScriptedNbdServer ends() {
        ends = true;
        return this;
    }

    /** Until the client, which asked for no contexts, has sent a request. */
    void awaitRequest() {
        try {
            requested.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void serve() {
        try (SocketChannel client = listening.accept()) {
            ByteBuffer all = ByteBuffer.wrap(script.toByteArray());
            while (all.hasRemaining()) {
                client.write(all);
            }
            ByteBuffer asked = ByteBuffer.allocate(4096);
            long bytes = 0;
            for (int read = client.read(asked); read >= 0; read = client.read(asked.clear())) {
                bytes += read;
                if (bytes >= FIRST_REQUEST) {
                    requested.countDown();
                    if (ends) {
                        return;
                    }
                }
            }
        } catch (IOException e) {
            // The client has left, or the test is over.
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
