package io.trustedlaunch.backup.s3;

import io.trustedlaunch.backup.BackupStoreException;
import io.trustedlaunch.backup.StoreFault;
import io.trustedlaunch.custody.ServerTrust;
import io.trustedlaunch.web.ArrivingBody;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends signed requests to one server. */
final class S3Http {
    /** A page of a listing has 1,000 keys. */
    private static final int MAX_ANSWER = 2 << 20;

    private static final Duration CONNECT = Duration.ofSeconds(10);

    /** Slower ones are given up. */
    static final long SLOWEST_BYTES_PER_SECOND = 256 << 10;

    private final HttpClient client;
    private final Duration patience;

    /**
     * @param patience with a server that does not answer
     * @throws BackupStoreException if it is not a CA bundle
     */
    S3Http(String name, Optional<String> caBundle, Duration patience) throws BackupStoreException {
        this.patience = patience;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .connectTimeout(CONNECT)
                // A few large bodies at a time: HTTP/2 would gain nothing.
                .version(Version.HTTP_1_1)
                .followRedirects(Redirect.NEVER);
        try {
            caBundle.map(ServerTrust::only).ifPresent(builder::sslContext);
        } catch (IllegalArgumentException e) {
            throw new BackupStoreException(
                    StoreFault.REFUSED, "the CA bundle for " + name + " " + e.getMessage() + ": correct it", e);
        }
        this.client = builder.build();
    }

    /**
     * @param what for messages, without the URL
     * @param content read to its end; of exactly so many bytes
     */
    S3Answer send(String what, S3Request request, URI url, InputStream content, long bytes)
            throws BackupStoreException {
        BodyPublisher body = bytes == 0
                ? BodyPublishers.noBody()
                : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> content), bytes);
        Duration timeout = most(patience, bytes);
        HttpResponse<byte[]> response =
                response(what, builder(request, url).method(request.method().name(), body), limited(), timeout);
        return new S3Answer(response.statusCode(), response.headers(), response.body());
    }

    /** How long so many bytes may take. */
    static Duration most(Duration patience, long bytes) {
        return patience.plusMillis(bytes * 1000 / SLOWEST_BYTES_PER_SECOND);
    }

    /** The beginning of a body; the rest is only waited for. */
    private static BodyHandler<byte[]> limited() {
        return response -> {
            ByteArrayOutputStream beginning = new ByteArrayOutputStream();
            return BodySubscribers.mapping(
                    BodySubscribers.ofByteArrayConsumer(bytes -> bytes.ifPresent(
                            more -> beginning.write(more, 0, Math.min(more.length, MAX_ANSWER - beginning.size())))),
                    end -> beginning.toByteArray());
        };
    }

    S3Answer send(String what, S3Request request, URI url, byte[] content) throws BackupStoreException {
        return send(what, request, url, new ByteArrayInputStream(content), content.length);
    }

    /** A GET of some bytes of an object, for its caller to close. */
    HttpResponse<InputStream> get(String what, S3Request request, URI url, Map<String, String> headers)
            throws BackupStoreException {
        HttpRequest.Builder builder = builder(request, url);
        headers.forEach(builder::header);
        return response(
                what,
                builder.GET(),
                response -> BodySubscribers.mapping(new ArrivingBody(), body -> new S3Body(body, patience)),
                patience);
    }

    private static HttpRequest.Builder builder(S3Request request, URI url) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(url);
        request.headers().forEach(builder::header);
        return builder;
    }

    private <T> HttpResponse<T> response(
            String what, HttpRequest.Builder request, BodyHandler<T> handler, Duration timeout)
            throws BackupStoreException {
        CompletableFuture<HttpResponse<T>> response = client.sendAsync(request.build(), handler);
        try {
            return response.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            response.cancel(true);
            throw new BackupStoreException(
                    StoreFault.UNREACHABLE,
                    "cannot reach " + what + ": no answer within " + timeout.toSeconds() + " s",
                    e);
        } catch (ExecutionException e) {
            throw failure(what, e.getCause());
        } catch (InterruptedException e) {
            response.cancel(true);
            Thread.currentThread().interrupt();
            throw new BackupStoreException(StoreFault.FAILED, "cannot reach " + what + ": interrupted", e);
        }
    }

    static BackupStoreException failure(String what, Throwable cause) {
        String certificate = isAboutTheCertificate(cause)
                ? ": its certificate is not accepted; check spec.s3.caBundle of the BackupLocation and when the"
                        + " certificate expires"
                : "";
        return new BackupStoreException(
                StoreFault.UNREACHABLE, "cannot reach " + what + ": " + innermost(cause) + certificate, cause);
    }

    private static boolean isAboutTheCertificate(Throwable fault) {
        return fault != null && (fault instanceof CertificateException || isAboutTheCertificate(fault.getCause()));
    }

    private static String innermost(Throwable fault) {
        if (fault.getCause() != null) {
            return innermost(fault.getCause());
        }
        return fault.getMessage() == null ? fault.getClass().getSimpleName() : fault.getMessage();
    }
}
