package io.trustedlaunch.agent.imagesource;

import io.trustedlaunch.web.HttpsException;
import io.trustedlaunch.web.HttpsResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Downloads a file; resumes an interrupted download if the server supports ranges. */
final class Download {
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int NO_SUCH_RANGE = 416;

    private final Server server;
    private final ServerRefusals refusals;
    private final Duration timeout;

    /** Requests the file. */
    @FunctionalInterface
    interface Server {
        HttpsResponse request(Map<String, String> headers) throws HttpsException;
    }

    /** @param timeout for a server that sends nothing, or little */
    Download(Server server, ServerRefusals refusals, Duration timeout) {
        this.server = server;
        this.refusals = refusals;
        this.timeout = timeout;
    }

    void into(StagedFile file) throws IOException {
        file.requireSpace();
        boolean more = true;
        while (more) {
            try (HttpsResponse response = server.request(rangeFrom(file))) {
                more = receive(response, file);
            } catch (HttpsException e) {
                throw refusals.of(e);
            }
        }
    }

    private static Map<String, String> rangeFrom(StagedFile file) throws IOException {
        if (file.length() == 0) {
            return Map.of();
        }
        Map<String, String> headers = new HashMap<>(Map.of("Range", "bytes=" + file.length() + "-"));
        file.version().ifPresent(version -> headers.put("If-Range", version));
        return headers;
    }

    /** Returns whether another request is needed. */
    private boolean receive(HttpsResponse response, StagedFile file) throws IOException, HttpsException {
        if (response.status() == OK) {
            receiveAll(response, file);
            return false;
        }
        boolean resumed = file.length() > 0;
        if (resumed && response.status() == PARTIAL) {
            return receivePart(response, file);
        }
        if (resumed && response.status() == NO_SUCH_RANGE) {
            return !isWhole(response, file) && restart(file);
        }
        throw refusals.of(response);
    }

    private void receiveAll(HttpsResponse response, StagedFile file) throws IOException, HttpsException {
        if (file.length() > 0) {
            file.startOver();
        }
        file.markVersion(version(response));
        if (response.length().isPresent()) {
            file.expect(response.length().getAsLong());
            file.requireSpace();
        }
        receiveBody(response, file);
    }

    private boolean receivePart(HttpsResponse response, StagedFile file) throws IOException, HttpsException {
        long before = file.length();
        Optional<ContentRange> range = response.header("Content-Range").flatMap(ContentRange::parse);
        boolean fits = range.map(ContentRange::first).equals(Optional.of(OptionalLong.of(before)));
        if (!fits || isOfOtherVersion(response, file)) {
            return restart(file);
        }
        OptionalLong total = range.get().total();
        if (total.isPresent()) {
            file.expect(total.getAsLong());
            file.requireSpace();
        }
        receiveBody(response, file);
        return total.isPresent() && file.length() < total.getAsLong() && file.length() > before;
    }

    private void receiveBody(HttpsResponse response, StagedFile file) throws IOException, HttpsException {
        for (Optional<ByteBuffer> bytes = response.next(timeout); bytes.isPresent(); bytes = response.next(timeout)) {
            file.append(bytes.get());
        }
    }

    private static boolean restart(StagedFile file) throws IOException {
        file.startOver();
        return true;
    }

    private static boolean isWhole(HttpsResponse response, StagedFile file) {
        return response.header("Content-Range")
                .flatMap(ContentRange::parse)
                .map(ContentRange::total)
                .equals(Optional.of(OptionalLong.of(file.length())));
    }

    private static boolean isOfOtherVersion(HttpsResponse response, StagedFile file) throws IOException {
        Optional<String> now = version(response);
        Optional<String> before = file.version();
        return now.isPresent() && before.isPresent() && !now.equals(before);
    }

    /** A value for {@code If-Range}: a strong entity tag, or a time. */
    private static Optional<String> version(HttpsResponse response) {
        return response.header("ETag").filter(tag -> tag.startsWith("\"")).or(() -> response.header("Last-Modified"));
    }
}
