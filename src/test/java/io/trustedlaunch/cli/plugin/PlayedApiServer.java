package io.trustedlaunch.cli.plugin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.trustedlaunch.cli.Commands;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a command asks of an API server, for users whom a real one lets do little: it has no watches. */
final class PlayedApiServer implements AutoCloseable {
    private final Map<String, HasMetadata> objects = new TreeMap<>();
    private final Set<String> forbidden = new HashSet<>();
    private volatile boolean readOnly;
    private final Deque<HasMetadata> newer = new ArrayDeque<>();
    private final List<String> writes = Collections.synchronizedList(new ArrayList<>());
    private volatile String lastWritten = "";
    private final HttpServer server;
    private final Path kubeconfig;

    /** How a command ended. */
    record Ran(int code, String out, String err) {}

    /** @param folder for a kubeconfig */
    PlayedApiServer(Path folder) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        kubeconfig = Files.writeString(
                folder.resolve("config"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: it, cluster: {server: "http://127.0.0.1:%d"}}]
                contexts: [{name: it, context: {cluster: it, user: me, namespace: finance}}]
                current-context: it
                users: [{name: me, user: {token: none}}]
                """.formatted(server.getAddress().getPort()));
    }

    void have(HasMetadata object) {
        objects.put(
                path(object.getClass(), object.getMetadata().getNamespace()) + "/"
                        + object.getMetadata().getName(),
                object);
    }

    /** The user may change nothing. */
    void forbidWrites() {
        readOnly = true;
    }

    /** Somebody else is faster than the next patch, and makes this of the object. */
    void conflict(HasMetadata then) {
        conflicts(List.of(then));
    }

    /** As often as there are versions. */
    synchronized void conflicts(List<? extends HasMetadata> then) {
        newer.addAll(then);
    }

    Path kubeconfig() {
        return kubeconfig;
    }

    /** The user may not read them. */
    void forbid(Class<? extends HasMetadata> kind) {
        forbidden.add(HasMetadata.getPlural(kind));
    }

    /** Requests that are no reads. */
    List<String> writes() {
        return List.copyOf(writes);
    }

    /** The body of the last of them. */
    String lastWritten() {
        return lastWritten;
    }

    Ran run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Commands.line(new KubectlTlvm())
                .setExecutionExceptionHandler(new CommandExceptionHandler())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(Stream.concat(Stream.of(arguments), Stream.of("--kubeconfig", kubeconfig.toString()))
                        .toArray(String[]::new));
        return new Ran(code, out.toString(), err.toString());
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static String path(Class<? extends HasMetadata> kind, String namespace) {
        return "/apis/" + HasMetadata.getApiVersion(kind) + (namespace == null ? "" : "/namespaces/" + namespace) + "/"
                + HasMetadata.getPlural(kind);
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String method = exchange.getRequestMethod();
        String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        if (!method.equals("GET")) {
            writes.add(method + " " + path.substring(path.lastIndexOf('/') + 1));
            lastWritten = body;
        }
        if ((readOnly && !method.equals("GET"))
                || forbidden.stream().anyMatch(plural -> (path + "/").contains("/" + plural + "/"))) {
            send(
                    exchange,
                    403,
                    "{\"kind\": \"Status\", \"code\": 403, \"reason\": \"Forbidden\", \"message\": \"forbidden\"}");
        } else if (method.equals("POST")) {
            HasMetadata created = (HasMetadata) Serialization.unmarshal(body);
            created.getMetadata().setName(created.getMetadata().getGenerateName() + "x");
            HasMetadata answered =
                    objects.getOrDefault(path + "/" + created.getMetadata().getName(), created);
            objects.put(path + "/" + created.getMetadata().getName(), answered);
            send(exchange, 201, Serialization.asJson(created));
        } else if (method.equals("PATCH") && !newer.isEmpty()) {
            have(newer.remove());
            send(
                    exchange,
                    409,
                    "{\"kind\": \"Status\", \"code\": 409, \"reason\": \"Conflict\", \"message\":"
                            + " \"the object has been modified\"}");
        } else if (method.equals("DELETE")) {
            send(exchange, 200, "{\"kind\": \"Status\", \"apiVersion\": \"v1\", \"status\": \"Success\"}");
        } else if (objects.containsKey(path)) {
            send(exchange, 200, Serialization.asJson(objects.get(path)));
        } else if (objects.keySet().stream().anyMatch(known -> known.startsWith(path + "/"))) {
            List<HasMetadata> items = objects.entrySet().stream()
                    .filter(known -> known.getKey().startsWith(path + "/"))
                    .map(Map.Entry::getValue)
                    .toList();
            send(
                    exchange,
                    200,
                    Serialization.asJson(
                            Map.of("kind", "List", "apiVersion", "v1", "metadata", Map.of(), "items", items)));
        } else {
            send(
                    exchange,
                    404,
                    "{\"kind\": \"Status\", \"code\": 404, \"reason\": \"NotFound\", \"message\": \"not found\"}");
        }
    }

    private static void send(HttpExchange exchange, int code, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
