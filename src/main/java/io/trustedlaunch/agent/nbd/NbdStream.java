package io.trustedlaunch.agent.nbd;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** Whole messages over a socket. */
final class NbdStream implements AutoCloseable {
    /** More than any message of the protocol but data has. */
    private static final int BUFFER_BYTES = 64 << 10;

    private final SocketChannel channel;
    private final ByteBuffer received = ByteBuffer.allocate(BUFFER_BYTES).flip();
    private final ByteBuffer sent = ByteBuffer.allocate(BUFFER_BYTES);

    NbdStream(SocketChannel channel) {
        this.channel = channel;
    }

    static NbdStream connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new NbdStream(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** For the next message, which {@link #send} sends. */
    ByteBuffer message() {
        return sent.clear();
    }

    void send() throws IOException {
        send(sent.flip());
    }

    /** Sends all that remains of the buffer. */
    void send(ByteBuffer from) throws IOException {
        while (from.hasRemaining()) {
            channel.write(from);
        }
    }

    /** Returns so many bytes to be read; they are valid until the next call. */
    ByteBuffer receive(int bytes) throws IOException {
        if (bytes > BUFFER_BYTES) {
            throw new NbdException("it sends a message of " + bytes + " bytes");
        }
        if (received.remaining() < bytes) {
            received.compact();
            while (received.position() < bytes) {
                fill(received);
            }
            received.flip();
        }
        ByteBuffer message = received.slice(received.position(), bytes);
        received.position(received.position() + bytes);
        return message;
    }

    /** Fills so many bytes of the target. */
    void receive(int bytes, ByteBuffer target) throws IOException {
        int end = target.limit();
        target.limit(target.position() + bytes);
        int there = Math.min(bytes, received.remaining());
        target.put(received.slice(received.position(), there));
        received.position(received.position() + there);
        while (target.hasRemaining()) {
            fill(target);
        }
        target.limit(end);
    }

    private void fill(ByteBuffer target) throws IOException {
        if (channel.read(target) < 0) {
            throw new NbdException("it has closed the connection");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
