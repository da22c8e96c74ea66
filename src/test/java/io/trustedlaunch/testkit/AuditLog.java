package io.trustedlaunch.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** The API server's audit log (audit.k8s.io/v1, one Event a line). */
public final class AuditLog {
    /** A watch is complete when it ends. */
    private static final Set<String> ANSWERED = Set.of("ResponseStarted", "ResponseComplete");

    private static final Set<String> WRITES = Set.of("create", "update", "patch", "delete");

    private final Path file;
    private final ObjectMapper json = new ObjectMapper();

    public AuditLog(Path file) {
        this.file = file;
    }

    /** The completed writes of the operator and the agents that pass the filter, in order. */
    public List<Request> productWrites(Predicate<Request> filter) {
        return productRequests(0, request -> request.writes() && filter.test(request));
    }

    /** Where the log ends now. */
    public long end() {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The answered requests of the operator and the agents behind that end that pass the filter, in order. */
    public List<Request> productRequests(long from, Predicate<Request> filter) {
        try (FileChannel channel = FileChannel.open(file);
                BufferedReader lines =
                        new BufferedReader(Channels.newReader(channel.position(from), StandardCharsets.UTF_8))) {
            return lines.lines()
                    .map(this::parse)
                    .filter(event -> ANSWERED.contains(event.path("stage").asText()))
                    .map(Request::of)
                    .filter(request -> request.user().startsWith("trusted-launch-"))
                    .filter(filter)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode parse(String line) {
        try {
            return json.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * One request.
     *
     * @param at when it was answered
     * @param authorized whether roles allowed it; admission may have refused it then
     * @param code its HTTP status
     */
    @RecordBuilder
    public record Request(
            Instant at,
            String user,
            String verb,
            String group,
            String resource,
            String namespace,
            String name,
            String uri,
            boolean authorized,
            int code) {
        static Request of(JsonNode event) {
            JsonNode object = event.path("objectRef");
            String sub = object.path("subresource").asText();
            String user = event.path("user").path("username").asText();
            return AuditLogRequestBuilder.builder()
                    .at(Instant.parse(event.path("stageTimestamp").asText()))
                    .user(user.substring(user.lastIndexOf(':') + 1))
                    .verb(event.path("verb").asText())
                    .group(object.path("apiGroup").asText())
                    .resource(object.path("resource").asText() + (sub.isEmpty() ? "" : "/" + sub))
                    .namespace(object.path("namespace").asText())
                    .name(object.path("name").asText())
                    .uri(event.path("requestURI").asText())
                    .authorized(event.path("annotations")
                            .path("authorization.k8s.io/decision")
                            .asText()
                            .equals("allow"))
                    .code(event.path("responseStatus").path("code").asInt())
                    .build();
        }

        public boolean writes() {
            return WRITES.contains(verb);
        }

        public boolean failed() {
            return code >= 400;
        }

        /** Another client changed the object after the writer had read it; the writer tries again. */
        public boolean isConflict() {
            return code == HttpURLConnection.HTTP_CONFLICT;
        }

        @Override
        public String toString() {
            return user + " " + verb + " " + resource + " " + name + " → " + code;
        }
    }
}
