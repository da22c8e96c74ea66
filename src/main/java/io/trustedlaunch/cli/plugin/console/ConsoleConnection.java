package io.trustedlaunch.cli.plugin.console;

import io.trustedlaunch.api.vm.VMConsoleStatus;
import io.trustedlaunch.cli.CommandException;
import io.trustedlaunch.cli.plugin.session.AgentConnection;
import io.trustedlaunch.console.Frame;
import io.trustedlaunch.console.Frames;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/** A connection to a guest's console or screen, over mutual TLS with the agent of its node. */
final class ConsoleConnection implements AutoCloseable {
    /** The time for the TLS handshake and the agent's first frame. */
    private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(15);

    private final AgentConnection agent;

    private ConsoleConnection(AgentConnection agent) {
        this.agent = agent;
    }

    /**
     * @throws IOException if the agent cannot be reached, or does not accept the key yet
     * @throws CommandException if the agent refuses the session for good
     */
    static ConsoleConnection open(RequestedConsole console, VMConsoleStatus target) throws IOException {
        AgentConnection agent = AgentConnection.open(
                console.id(),
                new AgentConnection.Target(target.nodeName(), target.address(), target.port(), target.authority()),
                console.key(),
                OPEN_TIMEOUT);
        try {
            Frame first = Frames.read(agent.input());
            agent.setPatience(Duration.ZERO);
            return switch (first) {
                case Frame.Opened opened -> new ConsoleConnection(agent);
                case Frame.Output output ->
                    throw new IOException("protocol error: the agent sent output before it accepted the session");
                case Frame.Away(String reason) -> throw new IOException(reason);
                case Frame.Ended(String reason) ->
                    throw new CommandException("node " + target.nodeName() + " refused the session: " + reason);
            };
        } catch (IOException | RuntimeException e) {
            agent.close();
            throw e;
        }
    }

    /** The guest's input. */
    OutputStream input() throws IOException {
        return agent.output();
    }

    /** Copies the guest's output to the screen unchanged, until another frame arrives, which is returned. */
    Frame copyOutput(OutputStream screen) throws IOException {
        while (true) {
            Frame frame = Frames.read(agent.input());
            if (!(frame instanceof Frame.Output(byte[] bytes))) {
                return frame;
            }
            screen.write(bytes);
            screen.flush();
        }
    }

    /**
     * The guest's output as a stream, which fails with the reason when another frame ends it.
     *
     * @param patience for each read
     */
    InputStream output(Duration patience) throws IOException {
        agent.setPatience(patience);
        return new FrameInput(agent.input());
    }

    private static final class FrameInput extends InputStream {
        private final InputStream frames;
        private byte[] held = {};
        private int begin;

        FrameInput(InputStream frames) {
            this.frames = frames;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            read(one, 0, 1);
            return Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            while (begin == held.length && length > 0) {
                held = switch (Frames.read(frames)) {
                    case Frame.Output(byte[] output) -> output;
                    case Frame.Away(String reason) -> throw new IOException(reason);
                    case Frame.Ended(String reason) -> throw new IOException(reason);
                    case Frame.Opened opened ->
                        throw new IOException("protocol error: the agent accepted the session twice");
                };
                begin = 0;
            }
            int taken = Math.min(length, held.length - begin);
            System.arraycopy(held, begin, bytes, offset, taken);
            begin += taken;
            return taken;
        }
    }

    /** A thread that is reading is woken. */
    @Override
    public void close() {
        agent.close();
    }
}
