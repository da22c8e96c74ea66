package io.trustedlaunch.agent.console;

import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.migration.TimeLimit;
import io.trustedlaunch.agent.migration.TlsConnection;
import io.trustedlaunch.console.Frame;
import io.trustedlaunch.console.Frames;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client at one guest's console. */
final class ConsoleConnection {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleConnection.class);

    private static final int MOST_HELD = 256 * 1024;

    /** For what is still to be said when it is over. */
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    /**
     * A serial line takes 11,520 bytes a second at its usual speed. libvirt would take any number, and keep in its memory
     * what a guest does not read.
     */
    private static final int TYPED_AT_ONCE = 512;

    private static final Duration FOR_SO_MUCH = Duration.ofMillis(40);

    private final ConsoleSession session;
    private final TlsConnection connection;
    private final GuestConsole console;
    private final OutputBuffer buffer = new OutputBuffer(MOST_HELD);

    ConsoleConnection(ConsoleSession session, TlsConnection connection, GuestConsole console) {
        this.session = session;
        this.connection = connection;
        this.console = console;
    }

    ConsoleSession session() {
        return session;
    }

    /** Returns when it is over, with nothing left open. */
    void run() throws InterruptedException {
        Thread listening = Thread.ofPlatform().daemon().name("console-out").unstarted(this::listen);
        Thread typing = Thread.ofPlatform().daemon().name("console-in").unstarted(this::type);
        try {
            OutputStream out = connection.socket().getOutputStream();
            Frames.write(out, new Frame.Opened());
            listening.start();
            typing.start();
            for (Optional<Frame> next = buffer.next(); next.isPresent(); next = buffer.next()) {
                Frames.write(out, next.get());
            }
        } catch (IOException e) {
            LOG.debug("Console session {}: {}", session.name(), e.toString());
        } finally {
            console.close();
            connection.close();
            listening.interrupt();
            typing.interrupt();
        }
        listening.join();
        typing.join();
    }

    /** Says so to the client, if it listens; from any thread, and it does not wait. */
    void end(Frame how) {
        buffer.end(how);
        var unused = TimeLimit.on(connection, FAREWELL);
    }

    private void listen() {
        byte[] bytes = new byte[Frames.LONGEST];
        try {
            for (int length = console.read(bytes); length != GuestConsole.ENDED; length = console.read(bytes)) {
                buffer.put(bytes, length);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end(new Frame.Away("the guest has ended here, or its console was taken"));
    }

    private void type() {
        byte[] bytes = new byte[TYPED_AT_ONCE];
        int typed = 0;
        try {
            InputStream in = connection.socket().getInputStream();
            for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                if (!console.write(bytes, length)) {
                    end(new Frame.Away("the guest has ended here, or its console was taken"));
                    return;
                }
                typed += length;
                if (typed >= TYPED_AT_ONCE) {
                    Thread.sleep(FOR_SO_MUCH);
                    typed -= TYPED_AT_ONCE;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("Console session {}: {}", session.name(), e.toString());
        }
        end(new Frame.Ended("the client has left"));
    }
}
