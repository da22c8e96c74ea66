package io.trustedlaunch.web;

import io.trustedlaunch.web.HttpsException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;

/** A response, whose body is read piece by piece as it arrives. */
public final class HttpsResponse implements AutoCloseable {
    /** A server that sends less within a time-out counts as one that sends nothing. */
    private static final int LEAST = 1 << 20;

    private final HttpResponse<ArrivingBody> response;
    /** The bytes that arrived since the last {@link #LEAST}. */
    private int received;

    private Duration waited = Duration.ZERO;

    HttpsResponse(HttpResponse<ArrivingBody> response) {
        this.response = response;
    }

    public int status() {
        return response.statusCode();
    }

    /** The address that answered, for messages. */
    public String redactedUri() {
        return RedactedUri.of(response.uri());
    }

    /** False if a redirect led to another server. */
    public boolean isOfOrigin(URI address) {
        return HttpsClient.isSameOrigin(response.uri(), address);
    }

    public Optional<String> header(String name) {
        return response.headers().firstValue(name);
    }

    public List<String> headers(String name) {
        return response.headers().allValues(name);
    }

    /** The length of the body, if the server declares it. */
    public OptionalLong length() {
        try {
            return response.headers().firstValueAsLong("Content-Length");
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * The next bytes of the body; empty at its end.
     *
     * @param timeout of waiting for the next {@link #LEAST} bytes, or for the end
     */
    public Optional<ByteBuffer> next(Duration timeout) throws HttpsException {
        long begin = System.nanoTime();
        Optional<ByteBuffer> next =
                next(timeout.minus(waited), "sent less than 1 MiB within " + timeout.toSeconds() + " s");
        waited = waited.plusNanos(System.nanoTime() - begin);
        received += next.map(ByteBuffer::remaining).orElse(0);
        if (received >= LEAST) {
            received = 0;
            waited = Duration.ZERO;
        }
        return next;
    }

    private Optional<ByteBuffer> next(Duration timeout, String otherwise) throws HttpsException {
        try {
            return response.body().next(timeout);
        } catch (TimeoutException e) {
            throw new HttpsException(Kind.UNREACHABLE, redactedUri() + " " + otherwise, e);
        } catch (IOException e) {
            throw HttpsClient.fault(response.uri(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HttpsException(Kind.UNREACHABLE, redactedUri() + ": interrupted", e);
        }
    }

    /**
     * The whole body; empty if it is longer.
     *
     * @param timeout until the last byte arrives
     */
    public Optional<byte[]> upTo(int limit, Duration timeout) throws HttpsException {
        String otherwise = "has not answered in full within " + timeout.toSeconds() + " s";
        long deadline = System.nanoTime() + timeout.toNanos();
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        while (true) {
            Optional<ByteBuffer> next = next(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())), otherwise);
            if (next.isEmpty()) {
                return Optional.of(received.toByteArray());
            }
            byte[] part = new byte[next.get().remaining()];
            next.get().get(part);
            if (received.size() + part.length > limit) {
                return Optional.empty();
            }
            received.writeBytes(part);
        }
    }

    /** Closes the connection if the body has not arrived completely. */
    @Override
    public void close() {
        response.body().close();
    }
}
