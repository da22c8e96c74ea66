package io.trustedlaunch.agent.tpm;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A connection to one of the two sockets of a swtpm: for the TPM's commands, or for swtpm's own. */
final class SwtpmSocket implements AutoCloseable {
    private final Process process;
    private final SocketChannel channel;
    private final Selector selector;
    private final Deadline deadline;

    private SwtpmSocket(Process process, SocketChannel channel, Selector selector, Deadline deadline) {
        this.process = process;
        this.channel = channel;
        this.selector = selector;
        this.deadline = deadline;
    }

    /** swtpm may listen before it reads the state, so a connection does not prove that the state is good. */
    static SwtpmSocket connect(Process process, Path socket, Deadline deadline) throws IOException {
        while (true) {
            try {
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                try {
                    channel.connect(UnixDomainSocketAddress.of(socket));
                    channel.configureBlocking(false);
                    Selector selector = Selector.open();
                    channel.register(selector, SelectionKey.OP_READ);
                    return new SwtpmSocket(process, channel, selector, deadline);
                } catch (IOException notYet) {
                    channel.close();
                    throwIfEnded(process, deadline);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TpmException(new TpmFailure.ToolFailed("interrupted while swtpm was starting"), e);
            }
        }
    }

    /** Waits a moment, so that the caller can try again. */
    private static void throwIfEnded(Process process, Deadline deadline) throws InterruptedException, IOException {
        if (process.waitFor(Math.min(2, deadline.remainingMillis()), TimeUnit.MILLISECONDS)) {
            throw failure(process);
        }
    }

    private static TpmException failure(Process process) throws IOException {
        String output = new String(process.getInputStream().readNBytes(16_384), StandardCharsets.UTF_8);
        return new TpmException(SwtpmOutput.failure(output));
    }

    /** Throws {@link TpmException} if swtpm is gone. */
    void send(byte[] message) {
        try {
            ByteBuffer left = ByteBuffer.wrap(message);
            channel.register(selector, SelectionKey.OP_WRITE);
            while (left.hasRemaining()) {
                select();
                channel.write(left);
            }
            channel.register(selector, SelectionKey.OP_READ);
        } catch (IOException e) {
            throw lost(e);
        }
    }

    /** Fills the buffer from its position to its limit. Throws {@link TpmException} if swtpm is gone. */
    void receive(ByteBuffer buffer) {
        try {
            while (buffer.hasRemaining()) {
                select();
                if (channel.read(buffer) < 0) {
                    throw new EOFException("swtpm closed the connection");
                }
            }
        } catch (IOException e) {
            throw lost(e);
        }
    }

    private void select() throws IOException {
        selector.select(deadline.remainingMillis());
        selector.selectedKeys().clear();
    }

    /** Most often, swtpm ended because it could not decrypt the state. */
    private TpmException lost(IOException cause) {
        try {
            if (process.waitFor(deadline.remainingMillis(), TimeUnit.MILLISECONDS)) {
                return failure(process);
            }
        } catch (IOException e) {
            cause.addSuppressed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new TpmException(new TpmFailure.ToolFailed("lost the connection to swtpm: " + cause), cause);
    }

    @Override
    public void close() {
        try (channel;
                selector) {
            return;
        } catch (IOException e) {
            throw new TpmException(new TpmFailure.ToolFailed("cannot close the connection to swtpm: " + e), e);
        }
    }
}
