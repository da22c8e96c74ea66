package io.trustedlaunch.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The API server's audit log (audit.k8s.io/v1, one Event a line). */
public final class AuditLog {
    private final Path file;
    private final ObjectMapper json = new ObjectMapper();

    public AuditLog(Path file) {
        this.file = file;
    }

    /** The completed writes of the operator and the agents that pass the filter, in order. */
    public List<Write> productWrites(Predicate<Write> filter) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(this::parse)
                    .filter(event -> event.path("stage").asText().equals("ResponseComplete"))
                    .filter(event -> List.of("create", "update", "patch", "delete")
                            .contains(event.path("verb").asText()))
                    .map(Write::of)
                    .filter(write -> write.user().startsWith("trusted-launch-"))
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

    /** One write; {@code code} is its HTTP status. */
    @RecordBuilder
    public record Write(String user, String verb, String resource, String namespace, String name, int code) {
        static Write of(JsonNode event) {
            JsonNode object = event.path("objectRef");
            String sub = object.path("subresource").asText();
            String user = event.path("user").path("username").asText();
            return AuditLogWriteBuilder.builder()
                    .user(user.substring(user.lastIndexOf(':') + 1))
                    .verb(event.path("verb").asText())
                    .resource(object.path("resource").asText() + (sub.isEmpty() ? "" : "/" + sub))
                    .namespace(object.path("namespace").asText())
                    .name(object.path("name").asText())
                    .code(event.path("responseStatus").path("code").asInt())
                    .build();
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
