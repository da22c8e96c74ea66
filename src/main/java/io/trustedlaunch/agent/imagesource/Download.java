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

/** Takes a file from a server, from where it broke off where the server gives parts, else from its beginning. */
final class Download {
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int NO_SUCH_RANGE = 416;

    private final Server server;
    private final ServerRefusals refusals;
    private final Duration patience;

    /** Asks for the file. */
    @FunctionalInterface
    interface Server {
        HttpsResponse ask(Map<String, String> headers) throws HttpsException;
    }

    /** @param patience with a server that sends nothing */
    Download(Server server, ServerRefusals refusals, Duration patience) {
        this.server = server;
        this.refusals = refusals;
        this.patience = patience;
    }

    void into(StagedFile file) throws IOException {
        file.requireRoom();
        boolean more = true;
        while (more) {
            try (HttpsResponse answer = server.ask(rangeFrom(file))) {
                more = take(answer, file);
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

    /** Whether there is more to ask for. */
    private boolean take(HttpsResponse answer, StagedFile file) throws IOException, HttpsException {
        if (answer.status() == OK) {
            takeAll(answer, file);
            return false;
        }
        boolean asked = file.length() > 0;
        if (asked && answer.status() == PARTIAL) {
            return takePart(answer, file);
        }
        if (asked && answer.status() == NO_SUCH_RANGE) {
            return !isWhole(answer, file) && forget(file);
        }
        throw refusals.of(answer);
    }

    private void takeAll(HttpsResponse answer, StagedFile file) throws IOException, HttpsException {
        if (file.length() > 0) {
            file.startOver();
        }
        file.markVersion(version(answer));
        if (answer.length().isPresent()) {
            file.expect(answer.length().getAsLong());
            file.requireRoom();
        }
        takeBody(answer, file);
    }

    private boolean takePart(HttpsResponse answer, StagedFile file) throws IOException, HttpsException {
        long before = file.length();
        Optional<ContentRange> range = answer.header("Content-Range").flatMap(ContentRange::parse);
        boolean fits = range.map(ContentRange::first).equals(Optional.of(OptionalLong.of(before)));
        if (!fits || isOfOtherVersion(answer, file)) {
            return forget(file);
        }
        OptionalLong total = range.get().total();
        if (total.isPresent()) {
            file.expect(total.getAsLong());
            file.requireRoom();
        }
        takeBody(answer, file);
        return total.isPresent() && file.length() < total.getAsLong() && file.length() > before;
    }

    private void takeBody(HttpsResponse answer, StagedFile file) throws IOException, HttpsException {
        for (Optional<ByteBuffer> bytes = answer.next(patience); bytes.isPresent(); bytes = answer.next(patience)) {
            file.append(bytes.get());
        }
    }

    private static boolean forget(StagedFile file) throws IOException {
        file.startOver();
        return true;
    }

    private static boolean isWhole(HttpsResponse answer, StagedFile file) {
        return answer.header("Content-Range")
                .flatMap(ContentRange::parse)
                .map(ContentRange::total)
                .equals(Optional.of(OptionalLong.of(file.length())));
    }

    private static boolean isOfOtherVersion(HttpsResponse answer, StagedFile file) throws IOException {
        Optional<String> now = version(answer);
        Optional<String> before = file.version();
        return now.isPresent() && before.isPresent() && !now.equals(before);
    }

    /** What {@code If-Range} takes: a strong tag, or a time. */
    private static Optional<String> version(HttpsResponse answer) {
        return answer.header("ETag").filter(tag -> tag.startsWith("\"")).or(() -> answer.header("Last-Modified"));
    }
}
