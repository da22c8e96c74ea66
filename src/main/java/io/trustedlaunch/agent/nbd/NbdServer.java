package io.trustedlaunch.agent.nbd;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves disks for reading at a socket in the file system. Of its clients only the number of connections, and what one may ask at a
 * time, is bounded: who can open the socket can keep others waiting, and no more.
 */
public final class NbdServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NbdServer.class);

    /**
     * A VM has at most 17 disks, with a connection for each; one whose client has gone stays while it waits for a read. Each has some
     * 400 KiB.
     */
    static final int MOST_CONNECTIONS = 64;

    private final ServerSocketChannel listening;
    private final Supplier<Map<String, NbdExport>> exports;
    private final Semaphore free = new Semaphore(MOST_CONNECTIONS);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    private NbdServer(ServerSocketChannel listening, Supplier<Map<String, NbdExport>> exports) {
        this.listening = listening;
        this.exports = exports;
    }

    /**
     * @param socket that does not exist yet
     * @param exports by their names; asked for each connection
     */
    public static NbdServer open(Path socket, Supplier<Map<String, NbdExport>> exports) throws IOException {
        ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listening.bind(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            listening.close();
            throw e;
        }
        NbdServer server = new NbdServer(listening, exports);
        Thread.ofPlatform().daemon().name("nbd").start(server::accept);
        return server;
    }

    private void accept() {
        while (listening.isOpen()) {
            try {
                begin(listening.accept());
            } catch (IOException e) {
                if (listening.isOpen()) {
                    LOG.warn("a connection was not accepted: {}", e.getMessage());
                    pause();
                }
            }
        }
    }

    /** Out of descriptors, perhaps: not at the full speed of a processor. */
    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void begin(SocketChannel channel) throws IOException {
        if (!free.tryAcquire()) {
            channel.close();
            return;
        }
        open.add(channel);
        Thread.ofPlatform().daemon().name("nbd-connection").start(() -> serve(channel));
    }

    private void serve(SocketChannel channel) {
        try (NbdStream stream = new NbdStream(channel)) {
            NbdConnection.serve(stream, exports.get());
        } catch (IOException e) {
            LOG.debug("a connection has ended: {}", e.getMessage());
        } finally {
            open.remove(channel);
            free.release();
        }
    }

    /** Also ends the connections. */
    @Override
    public void close() throws IOException {
        listening.close();
        for (SocketChannel channel : open) {
            channel.close();
        }
    }
}
