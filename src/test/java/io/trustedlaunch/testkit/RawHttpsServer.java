package io.trustedlaunch.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** An HTTPS server that writes raw responses, and can cut the connection at any byte. By default it listens on localhost. */
public final class RawHttpsServer implements AutoCloseable {
    private final String host;
    private final SSLSocketFactory sockets;
    private final ServerSocket listening;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile Handler handler = (request, out) -> {};

    /**
     * A request that was received.
     *
     * @param target path and query
     * @param headers by name in lower case
     */
    public record Request(String method, String target, Map<String, String> headers) {
        public Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name));
        }

        /** The first byte of the requested range. */
        public Optional<Integer> rangeStart() {
            return header("range").map(range -> Integer.parseInt(range.replaceAll("bytes=|-$", "")));
        }
    }

    /** Thrown by a {@link Handler} to cut the connection without a TLS close. */
    public static final class CutException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Writes a response; the connection ends afterwards. */
    @FunctionalInterface
    public interface Handler {
        void answer(Request request, OutputStream out) throws IOException, InterruptedException;
    }

    public RawHttpsServer(ServerCertificate certificate) throws IOException {
        this(certificate, InetAddress.getLoopbackAddress(), "localhost", 0);
    }

    /** @param address an IP address to listen on, which the certificate names */
    public RawHttpsServer(ServerCertificate certificate, String address) throws IOException {
        this(certificate, address, 0);
    }

    /** @param port on which another server listened; 0: any */
    public RawHttpsServer(ServerCertificate certificate, String address, int port) throws IOException {
        this(certificate, InetAddress.getByName(address), address, port);
    }

    private RawHttpsServer(ServerCertificate certificate, InetAddress address, String host, int port)
            throws IOException {
        this.host = host;
        sockets = certificate.context().getSocketFactory();
        listening = new ServerSocket(port, 50, address);
        threads.execute(this::accept);
    }

    public String url(String path) {
        return "https://" + authority() + path;
    }

    /** Host and port. */
    public String authority() {
        return host + ":" + listening.getLocalPort();
    }

    public void respond(Handler given) {
        handler = given;
    }

    /** The requests so far. */
    public List<Request> requests() {
        return requests;
    }

    /** Blocks until the server is closed, for a response that never ends. */
    public void awaitClose() throws InterruptedException {
        end.await();
    }

    /** Waits that long, for a response that arrives slowly. */
    public boolean isClosedWithin(Duration time) throws InterruptedException {
        return end.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    public static byte[] head(int status, String... headers) {
        StringBuilder text = new StringBuilder("HTTP/1.1 " + status + " x\r\nConnection: close\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        return text.append("\r\n").toString().getBytes(ISO_8859_1);
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                threads.execute(() -> serve(socket));
            } catch (IOException | RejectedExecutionException e) {
                // Closed.
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            SSLSocket socket = (SSLSocket) sockets.createSocket(connection, null, connection.getPort(), false);
            socket.setUseClientMode(false);
            Request request = read(new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1)));
            requests.add(request);
            handler.answer(request, socket.getOutputStream());
            socket.close();
        } catch (IOException e) {
            // The handler cut the connection, or the client closed it, for example because it rejects the
            // certificate.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Request read(BufferedReader in) throws IOException {
        String first = in.readLine();
        if (first == null) {
            throw new EOFException("the client sent no request");
        }
        Map<String, String> headers = new HashMap<>();
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        String[] parts = first.split(" ");
        return new Request(parts[0], parts[1], headers);
    }

    @Override
    public void close() throws IOException {
        end.countDown();
        listening.close();
        threads.shutdownNow();
    }
}
