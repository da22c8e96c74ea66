package io.trustedlaunch.agent.tpm;

import io.trustedlaunch.process.Command;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A swtpm that the agent starts on the state in a folder, with one connection to it. It ends when closed. */
final class SwtpmSession implements AutoCloseable {
    /** Short, since a socket's path is limited to 108 bytes. */
    private static final String SOCKET = "s";

    private static final int LARGEST_RESPONSE = 4096;

    private final Process process;
    private final SocketChannel channel;
    private final Selector selector;
    private final Deadline deadline;

    private SwtpmSession(Process process, SocketChannel channel, Selector selector, Deadline deadline) {
        this.process = process;
        this.channel = channel;
        this.selector = selector;
        this.deadline = deadline;
    }

    static SwtpmSession start(SwtpmTools tools, PrivateFolder folder, TpmSecret secret, Deadline deadline) {
        Process process;
        try {
            process = Command.start(arguments(tools, folder.path()));
        } catch (IOException e) {
            throw new TpmException(new TpmFailure.ToolFailed("cannot run swtpm: " + e.getMessage()), e);
        }
        try {
            writeSecret(secret, process.getOutputStream());
            return connect(process, folder.path().resolve(SOCKET), deadline);
        } catch (IOException e) {
            kill(process);
            throw new TpmException(new TpmFailure.ToolFailed("cannot connect to swtpm: " + e), e);
        } catch (TpmException e) {
            kill(process);
            throw e;
        }
    }

    private static List<String> arguments(SwtpmTools tools, Path folder) {
        return List.of(
                tools.swtpm(),
                "socket",
                "--tpm2",
                "--runas",
                tools.user(),
                "--tpmstate",
                "dir=" + folder + ",mode=0600",
                "--key",
                "pwdfd=0,mode=aes-256-cbc",
                "--server",
                "type=unixio,path=" + folder.resolve(SOCKET),
                "--flags",
                "not-need-init,startup-clear",
                "--terminate");
    }

    private static void writeSecret(TpmSecret secret, OutputStream input) {
        try (input) {
            input.write(secret.bytes());
        } catch (IOException e) {
            // swtpm ended before it read the key; connect() reports why.
        }
    }

    /** swtpm may listen before it reads the state, so a connection does not prove that the state is good. */
    private static SwtpmSession connect(Process process, Path socket, Deadline deadline) throws IOException {
        while (true) {
            try {
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                try {
                    channel.connect(UnixDomainSocketAddress.of(socket));
                    channel.configureBlocking(false);
                    Selector selector = Selector.open();
                    channel.register(selector, SelectionKey.OP_READ);
                    return new SwtpmSession(process, channel, selector, deadline);
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

    TpmResponse exchange(TpmCommand command) {
        try {
            ByteBuffer request = ByteBuffer.wrap(command.marshal());
            while (request.hasRemaining()) {
                channel.write(request);
            }
            return TpmResponse.unmarshal(receive());
        } catch (IOException e) {
            throw connectionLost(e);
        }
    }

    /** Most often, swtpm ended because it could not decrypt the state. */
    private TpmException connectionLost(IOException cause) {
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

    /** Like {@link #exchange}, but throws unless the command succeeds. */
    TpmResponse execute(String name, TpmCommand command) {
        TpmResponse response = exchange(command);
        if (!response.succeeded()) {
            throw new TpmException(new TpmFailure.CommandRefused(name, response.code()));
        }
        return response;
    }

    private byte[] receive() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(LARGEST_RESPONSE);
        int expected = TpmResponse.HEADER;
        while (buffer.position() < expected) {
            selector.select(deadline.remainingMillis());
            selector.selectedKeys().clear();
            if (channel.read(buffer) < 0) {
                throw new EOFException("swtpm closed the connection");
            }
            if (buffer.position() >= TpmResponse.HEADER) {
                expected = buffer.getInt(2);
            }
            if (expected > LARGEST_RESPONSE || expected < TpmResponse.HEADER) {
                throw new TpmException(
                        new TpmFailure.ProtocolBroken("the TPM sent an invalid response of " + expected + " bytes"));
            }
        }
        byte[] response = new byte[buffer.position()];
        buffer.flip().get(response);
        return response;
    }

    @Override
    public void close() {
        try (channel;
                selector) {
            kill(process);
        } catch (IOException e) {
            throw new TpmException(new TpmFailure.ToolFailed("cannot close the connection to swtpm: " + e), e);
        }
    }

    private static void kill(Process process) {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
