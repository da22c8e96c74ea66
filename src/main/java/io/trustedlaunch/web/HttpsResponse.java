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

/** What a server answers. Its body is taken piece by piece, as fast as the server or the taker is. */
public final class HttpsResponse implements AutoCloseable {
    private final HttpResponse<ArrivingBody> response;

    HttpsResponse(HttpResponse<ArrivingBody> response) {
        this.response = response;
    }

    public int status() {
        return response.statusCode();
    }

    /** Who answers, for messages. */
    public String told() {
        return RedactedUri.of(response.uri());
    }

    /** Not of one that the server which was asked led to. */
    public boolean isOfOrigin(URI address) {
        return HttpsClient.isSameOrigin(response.uri(), address);
    }

    public Optional<String> header(String name) {
        return response.headers().firstValue(name);
    }

    public List<String> headers(String name) {
        return response.headers().allValues(name);
    }

    /** What the server says about the length of the body. */
    public OptionalLong length() {
        try {
            return response.headers().firstValueAsLong("Content-Length");
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * The next bytes of the body; empty when it has been taken to its end.
     *
     * @param patience until there is at least one
     */
    public Optional<ByteBuffer> next(Duration patience) throws HttpsException {
        return next(patience, "sent no byte for " + patience.toSeconds() + " s");
    }

    private Optional<ByteBuffer> next(Duration patience, String otherwise) throws HttpsException {
        try {
            return response.body().next(patience);
        } catch (TimeoutException e) {
            throw new HttpsException(Kind.UNREACHABLE, told() + " " + otherwise, e);
        } catch (IOException e) {
            throw HttpsClient.fault(response.uri(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HttpsException(Kind.UNREACHABLE, told() + ": interrupted", e);
        }
    }

    /**
     * The whole body; empty if it is longer.
     *
     * @param patience until its last byte
     */
    public Optional<byte[]> upTo(int limit, Duration patience) throws HttpsException {
        String otherwise = "has not answered in full within " + patience.toSeconds() + " s";
        long deadline = System.nanoTime() + patience.toNanos();
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

    /** Hangs up, if there is more to come. */
    @Override
    public void close() {
        response.body().close();
    }
}
