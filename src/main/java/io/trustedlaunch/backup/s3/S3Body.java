package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.SingleByte;
import io.trustedlaunch.web.ArrivingBody;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** The body of an answer. A server that sends it too slowly counts as one that is away; the JDK's own stream waits for ever. */
final class S3Body extends InputStream {
    private final ArrivingBody body;
    private final Duration patience;
    private ByteBuffer piece = ByteBuffer.allocate(0);
    private long received;

    /** The time waited, without that of its reader. */
    private Duration waited = Duration.ZERO;

    /** @param patience until the first byte, and beyond what the slowest server takes for those that have arrived */
    S3Body(ArrivingBody body, Duration patience) {
        this.body = body;
        this.patience = patience;
    }

    @Override
    public int read() throws IOException {
        return SingleByte.read(this);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (length > 0 && !piece.hasRemaining()) {
            Optional<ByteBuffer> next = next();
            if (next.isEmpty()) {
                return -1;
            }
            piece = next.get();
            received += piece.remaining();
        }
        int read = Math.min(length, piece.remaining());
        piece.get(into, offset, read);
        return read;
    }

    private Optional<ByteBuffer> next() throws IOException {
        long begin = System.nanoTime();
        try {
            return body.next(S3Http.most(patience, received).minus(waited));
        } catch (TimeoutException e) {
            // The cause is left out: it says less and would be the message.
            throw new IOException("it sends less than " + (S3Http.SLOWEST_BYTES_PER_SECOND >> 10) + " KiB a second");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            waited = waited.plusNanos(System.nanoTime() - begin);
        }
    }

    @Override
    public void close() {
        body.close();
    }
}
