package io.trustedlaunch.process;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ObjLongConsumer;

/** Counts the writes of a client of the Kubernetes API by what the API server answered. */
public final class ApiWrites implements Interceptor {
    private static final Map<String, String> VERBS =
            Map.of("POST", "create", "PUT", "update", "PATCH", "patch", "DELETE", "delete");

    /** Reviews are questions, though they are posted. */
    private static final List<String> REVIEWS = List.of("authorization.k8s.io", "authentication.k8s.io");

    private static final String NO_ANSWER = "none";

    private final Map<Written, LongAdder> counts = new ConcurrentHashMap<>();

    /**
     * @param verb of Kubernetes' authorization
     * @param resource in the plural, with the subresource if there is one: {@code trustedlaunchvms/status}
     * @param code of HTTP, or none without an answer
     */
    public record Written(String verb, String resource, String code) {}

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        count(request, Integer.toString(response.code()));
    }

    @Override
    public void afterConnectionFailure(HttpRequest request, Throwable failure) {
        count(request, NO_ANSWER);
    }

    /** In no order. */
    public void forEach(ObjLongConsumer<Written> reader) {
        counts.forEach((written, count) -> reader.accept(written, count.sum()));
    }

    private void count(HttpRequest request, String code) {
        written(request.method(), request.uri().getPath(), code)
                .ifPresent(written -> counts.computeIfAbsent(written, first -> new LongAdder())
                        .increment());
    }

    /** Empty for what is no write of an object. */
    static Optional<Written> written(String method, String path, String code) {
        String verb = VERBS.get(method);
        return verb == null ? Optional.empty() : resource(path).map(resource -> new Written(verb, resource, code));
    }

    /** Of {@code /api/VERSION/…} or {@code /apis/GROUP/VERSION/…}, where … is RESOURCE/NAME/SUBRESOURCE, in a namespace or not. */
    private static Optional<String> resource(String path) {
        List<String> parts = List.of(path.substring(1).split("/"));
        int version = parts.getFirst().equals("api") ? 1 : 2;
        if (parts.size() < version + 2 || (version == 2 && REVIEWS.contains(parts.get(1)))) {
            return Optional.empty();
        }
        List<String> rest = parts.subList(version + 1, parts.size());
        if (rest.getFirst().equals("namespaces") && rest.size() > 2) {
            rest = rest.subList(2, rest.size());
        }
        return Optional.of(rest.size() > 2 ? rest.getFirst() + "/" + rest.get(2) : rest.getFirst());
    }
}
