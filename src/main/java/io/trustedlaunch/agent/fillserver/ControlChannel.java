package io.trustedlaunch.agent.fillserver;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.trustedlaunch.api.Problem;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.backup.StoreFault;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.UUID;

/**
 * What an agent and a server say to each other: one request and one reply over each connection, each a document, after its length. The
 * request with content is followed by the keys and the grant, which are in no document.
 */
final class ControlChannel implements Closeable {
    static final String SOCKET = "control.sock";

    private static final int MOST_BYTES = 64 << 10;

    private static final JsonMapper JSON =
            JsonMapper.builder().addModule(new Jdk8Module()).build();

    private final SocketChannel channel;
    private final DataInputStream in;
    private final DataOutputStream out;

    /** @param served the content that follows; empty: it asks for the state */
    record Request(Optional<Served> served) {}

    /** What is no secret of a {@link FillContent}. */
    record Served(
            BackupRunSpec.Location location, UUID vm, UUID backup, String indexSHA256, Optional<Long> bytesPerSecond) {}

    /**
     * The state.
     *
     * @param isServing whether there is content
     * @param refusal why the content that was sent was not taken
     * @param fault of the store, if that is why
     * @param trouble why reads wait or fail
     */
    record Reply(boolean isServing, Optional<Problem> refusal, Optional<StoreFault> fault, Optional<Problem> trouble) {}

    ControlChannel(SocketChannel channel) {
        this.channel = channel;
        this.in = new DataInputStream(Channels.newInputStream(channel));
        this.out = new DataOutputStream(Channels.newOutputStream(channel));
    }

    void send(Object document) throws IOException {
        send(JSON.writeValueAsBytes(document));
    }

    void send(byte[] frame) throws IOException {
        out.writeInt(frame.length);
        out.write(frame);
    }

    <T> T receive(Class<T> type) throws IOException {
        return JSON.readValue(receive(MOST_BYTES), type);
    }

    byte[] receive(int most) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > most) {
            throw new IOException("a frame of " + length + " bytes");
        }
        byte[] frame = new byte[length];
        in.readFully(frame);
        return frame;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
