package io.trustedlaunch.agent.console;

import io.trustedlaunch.agent.hypervisor.GuestConsole;
import io.trustedlaunch.agent.migration.TimeLimit;
import io.trustedlaunch.agent.migration.TlsConnection;
import io.trustedlaunch.api.vm.ConsoleKind;
import io.trustedlaunch.console.Frame;
import io.trustedlaunch.console.Frames;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client's connection to one guest's console or screen. */
final class ConsoleConnection {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleConnection.class);

    private static final int BUFFER_BYTES = 256 * 1024;

    /** Time to send the last frames after the end. */
    private static final Duration LAST_FRAMES = Duration.ofSeconds(5);

    /**
     * The usual speed of a serial line is 11,520 bytes per second. libvirt would accept any amount, and buffer in memory
     * whatever the guest does not read. QEMU's own socket of a screen accepts no more than QEMU reads.
     */
    private static final int INPUT_BURST = 512;

    private static final Duration BURST_INTERVAL = Duration.ofMillis(40);

    private final ConsoleSession session;
    private final TlsConnection connection;
    private final GuestConsole console;
    private final OutputBuffer buffer;

    ConsoleConnection(ConsoleSession session, TlsConnection connection, GuestConsole console) {
        this.session = session;
        this.connection = connection;
        this.console = console;
        this.buffer = new OutputBuffer(
                BUFFER_BYTES,
                switch (session.kind()) {
                    case Serial -> OutputBuffer.WhenFull.DROP_OLDEST;
                    case Screen -> OutputBuffer.WhenFull.WAIT;
                });
    }

    ConsoleSession session() {
        return session;
    }

    /** Returns when the session has ended and everything is closed. */
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

    /** Sends the last frame, if the client reads it. Callable from any thread; does not wait. */
    void end(Frame last) {
        buffer.end(last);
        var unused = TimeLimit.on(connection, LAST_FRAMES);
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
        end(gone());
    }

    private Frame gone() {
        return new Frame.Away(
                switch (session.kind()) {
                    case Serial -> "the guest stopped on this node, or another program took its console over";
                    case Screen -> "the guest stopped on this node, or its screen was closed";
                });
    }

    private void type() {
        byte[] bytes = new byte[INPUT_BURST];
        int typed = 0;
        try {
            InputStream in = connection.socket().getInputStream();
            for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                if (!console.write(bytes, length)) {
                    end(gone());
                    return;
                }
                typed += session.kind() == ConsoleKind.Serial ? length : 0;
                if (typed >= INPUT_BURST) {
                    Thread.sleep(BURST_INTERVAL);
                    typed -= INPUT_BURST;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("Console session {}: {}", session.name(), e.toString());
        }
        end(new Frame.Ended("the client disconnected"));
    }
}
