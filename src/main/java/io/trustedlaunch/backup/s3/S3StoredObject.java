package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupId;
import io.trustedlaunch.backup.BackupStore.StoredObject;
import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.SingleByte;
import io.trustedlaunch.backup.StoreFault;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An object being read. Its tag is sent with each request, so that the server refuses to read another one in its place.
 *
 * @param tag of the object that was opened
 */
record S3StoredObject(S3Exchange exchange, S3Request request, String what, long bytes, String tag)
        implements StoredObject {
    private static final Logger LOG = LoggerFactory.getLogger(S3StoredObject.class);
    private static final String RANGE = "Range";
    private static final int PARTIAL = 206;

    /** A server that sends so many bytes is back. */
    private static final int RECOVERED = 1 << 20;

    static final int NOT_SATISFIABLE = 416;

    static S3StoredObject open(S3Exchange exchange, S3Request request, String what) throws BackupStoreException {
        return exchange.retries().run(again -> openOnce(exchange, request, what));
    }

    /** Whether a file of this length is there. */
    static boolean hasLength(S3Exchange exchange, BackupId id, String file, long bytes) throws BackupStoreException {
        return openOnce(exchange, S3Request.get(id, file), exchange.describe(id, file))
                        .bytes()
                == bytes;
    }

    private static S3StoredObject openOnce(S3Exchange exchange, S3Request request, String what)
            throws BackupStoreException {
        HttpResponse<InputStream> response = exchange.get(what, request, Map.of(RANGE, "bytes=0-0"));
        if (response.statusCode() == 200) {
            // An empty object has no first byte.
            return whole(exchange, request, what, response);
        }
        S3Answer answer = S3Exchange.whole(what, response);
        if (answer.status() == NOT_SATISFIABLE) {
            return new S3StoredObject(exchange, request, what, 0, "");
        }
        if (answer.status() != PARTIAL) {
            throw S3Failure.of("open", what, answer);
        }
        return new S3StoredObject(
                exchange,
                request,
                what,
                answer.objectBytes().orElseThrow(() -> unusable(what, "does not say how long the object is")),
                answer.header("ETag").orElseThrow(() -> unusable(what, "gives it no ETag")));
    }

    private static S3StoredObject whole(
            S3Exchange exchange, S3Request request, String what, HttpResponse<InputStream> response)
            throws BackupStoreException {
        S3Answer answer = S3Exchange.whole(what, response);
        if (answer.body().length > 0) {
            throw unusable(what, "ignores the range that was asked for");
        }
        return new S3StoredObject(exchange, request, what, 0, "");
    }

    private static BackupStoreException unusable(String what, String why) {
        return new BackupStoreException(StoreFault.FAILED, "cannot open " + what + ": the server " + why);
    }

    @Override
    public InputStream range(long offset, long length) throws BackupStoreException {
        long end = Math.min(bytes, offset + length);
        return offset >= end ? InputStream.nullInputStream() : new Range(offset, end);
    }

    private InputStream body(long offset, long end) throws BackupStoreException {
        HttpResponse<InputStream> response =
                exchange.get(what, request, Map.of(RANGE, "bytes=" + offset + "-" + (end - 1), "If-Match", tag));
        String expected = "bytes " + offset + "-" + (end - 1) + "/" + bytes;
        boolean isRange = response.statusCode() == PARTIAL
                && response.headers()
                        .firstValue("Content-Range")
                        .filter(expected::equals)
                        .isPresent();
        if (isRange) {
            return response.body();
        }
        S3Answer answer = S3Exchange.whole(what, response);
        if (answer.status() == 412) {
            throw new BackupStoreException(
                    StoreFault.FAILED, "cannot read " + what + ": it was replaced while it was read");
        }
        throw answer.isSuccess()
                ? new BackupStoreException(
                        StoreFault.FAILED, "cannot read " + what + ": the server answers another range")
                : S3Failure.of("read", what, answer);
    }

    /** Each range is read by requests of its own. */
    @Override
    public void close() {}

    /** Never more than was asked for. If the connection breaks, the rest is asked for again. */
    private final class Range extends InputStream {
        private final long end;
        private final Retries.Outage outage = exchange.retries().new Outage();
        private long at;
        private long sinceBreak;
        private InputStream body;

        Range(long offset, long end) throws BackupStoreException {
            this.at = offset;
            this.end = end;
            exchange.retries().run(again -> {
                body = body(at, end);
                return body;
            });
        }

        @Override
        public int read() throws IOException {
            return SingleByte.read(this);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (at == end || length == 0) {
                return at == end ? -1 : 0;
            }
            int read = outage.run(again -> readOnce(into, offset, length));
            sinceBreak += read;
            if (sinceBreak >= RECOVERED) {
                outage.over();
            }
            return read;
        }

        private int readOnce(byte[] into, int offset, int length) throws BackupStoreException {
            try {
                if (body == null) {
                    body = body(at, end);
                }
                int read = body.read(into, offset, (int) Math.min(length, end - at));
                if (read < 0) {
                    throw new EOFException("the connection ended early");
                }
                at += read;
                return read;
            } catch (BackupStoreException e) {
                throw e;
            } catch (IOException e) {
                close();
                sinceBreak = 0;
                throw S3Http.failure(what, e);
            }
        }

        @Override
        public void close() {
            try {
                if (body != null) {
                    body.close();
                }
            } catch (IOException e) {
                LOG.debug("{}: {}", what, e.getMessage());
            }
            body = null;
        }
    }
}
