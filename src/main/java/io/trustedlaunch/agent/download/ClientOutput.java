package io.trustedlaunch.agent.download;

import io.trustedlaunch.backup.pack.SavedDisk;
import io.trustedlaunch.download.DownloadWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The frames that a client gets. Whoever writes one waits until the client has taken it, so that nothing is kept for a slow client.
 * After the last frame nothing is written any more.
 */
final class ClientOutput implements SavedDisk.Target {
    private static final Logger LOG = LoggerFactory.getLogger(ClientOutput.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final DownloadWriter writer;
    private final InstantSource clock;
    private final Runnable written;
    private volatile Optional<Instant> writingSince = Optional.empty();
    private final AtomicLong sent = new AtomicLong();
    private boolean ended;

    /** The client takes no more. */
    static final class ClientLostException extends IOException {
        private static final long serialVersionUID = 1L;

        ClientLostException(String message) {
            super(message);
        }

        ClientLostException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    @FunctionalInterface
    private interface Write {
        void run() throws IOException;
    }

    /** @param written called after each frame */
    ClientOutput(OutputStream out, InstantSource clock, Runnable written) {
        this.writer = new DownloadWriter(out);
        this.clock = clock;
        this.written = written;
    }

    /** @param bytes of the disk */
    void begin(long bytes) throws IOException {
        write(() -> writer.begin(bytes));
    }

    /** The client has got everything. */
    void end() throws IOException {
        write(() -> {
            writer.end();
            ended = true;
        });
    }

    /** Sends the reason as the last frame, unless there was one. */
    void fail(String reason) {
        try {
            write(() -> {
                ended = true;
                writer.fail(reason);
            });
        } catch (IOException e) {
            LOG.debug("The client has not got the reason: {}", e.toString());
        }
    }

    /** Bytes of the disk that the client has taken. */
    long sent() {
        return sent.get();
    }

    /** Whether a frame has been waiting for longer than that. */
    boolean waitsLonger(Duration limit) {
        return writingSince
                .filter(since -> clock.instant().isAfter(since.plus(limit)))
                .isPresent();
    }

    private void write(Write frame) throws IOException {
        lock.lock();
        try {
            if (ended) {
                throw new ClientLostException("the last frame was sent");
            }
            writingSince = Optional.of(clock.instant());
            frame.run();
        } catch (ClientLostException e) {
            throw e;
        } catch (IOException e) {
            // A frame may be there in part.
            ended = true;
            throw new ClientLostException(e);
        } finally {
            writingSince = Optional.empty();
            lock.unlock();
        }
        written.run();
    }

    @Override
    public Writer open() {
        return new Writer() {
            @Override
            public void write(long offset, ByteBuffer from) throws IOException {
                send(offset, from);
            }

            @Override
            public void close() {
                // The connection is somebody else's.
            }
        };
    }

    private void send(long offset, ByteBuffer from) throws IOException {
        int begin = from.position();
        while (from.hasRemaining()) {
            ByteBuffer piece = from.slice(from.position(), Math.min(from.remaining(), DownloadWriter.LONGEST));
            long at = offset + from.position() - begin;
            from.position(from.position() + piece.remaining());
            int bytes = piece.remaining();
            write(() -> writer.data(at, piece));
            sent.addAndGet(bytes);
        }
    }
}
