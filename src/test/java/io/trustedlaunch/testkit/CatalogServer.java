package io.trustedlaunch.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTPS server on localhost with its own certificate authority. Unknown paths answer 404. */
public final class CatalogServer implements AutoCloseable {
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch end = new CountDownLatch(1);
    private final HttpsServer server;
    private final String authority;

    /** What the server answers for a path. */
    @FunctionalInterface
    private interface Answer {
        void to(HttpExchange exchange) throws IOException, InterruptedException;
    }

    /** @param folder where it writes its keys */
    public CatalogServer(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        ServerCertificate certificate = ServerCertificate.make(folder, 2);
        authority = certificate.authority();
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** The authority's certificate in PEM. */
    public String authority() {
        return authority;
    }

    public String url(String path) {
        return "https://localhost:" + server.getAddress().getPort() + path;
    }

    public void serve(String path, byte[] body) {
        answers.put(path, exchange -> {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        });
    }

    public void respond(String path, int code) {
        answers.put(path, exchange -> exchange.sendResponseHeaders(code, -1));
    }

    /** From now on requires this Authorization header for the path. */
    public void requireAuthorization(String path, String authorization) {
        Answer guarded = answers.get(path);
        answers.put(path, exchange -> {
            if (authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                guarded.to(exchange);
            } else {
                exchange.sendResponseHeaders(401, -1);
            }
        });
    }

    public void redirect(String path, String location) {
        answers.put(path, exchange -> {
            exchange.getResponseHeaders().set("Location", location);
            exchange.sendResponseHeaders(302, -1);
        });
    }

    /** Answers with an endless body. */
    public void serveEndlessly(String path) {
        answers.put(path, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] chunk = new byte[1 << 16];
            while (end.getCount() > 0) {
                exchange.getResponseBody().write(chunk);
            }
        });
    }

    /** Answers with the beginning of a body and then sends nothing more. */
    public void stall(String path) {
        answers.put(path, exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            end.await();
        });
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            answers.getOrDefault(exchange.getRequestURI().getPath(), missing -> missing.sendResponseHeaders(404, -1))
                    .to(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
