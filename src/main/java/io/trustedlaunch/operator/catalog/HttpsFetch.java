package io.trustedlaunch.operator.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.api.ImageCatalogSpec.HttpsSource;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.catalog.CatalogDocument;
import io.trustedlaunch.custody.ServerTrust;
import io.trustedlaunch.operator.catalog.Delivery.Delivered;
import io.trustedlaunch.operator.catalog.Delivery.Unavailable;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One look at a catalog on a web server. */
final class HttpsFetch {
    private static final int MAX_SIGNATURE = 4096;

    private static final Duration CONNECT = Duration.ofSeconds(10);

    private final HttpClient client;
    private final Duration patience;

    private HttpsFetch(HttpClient client, Duration patience) {
        this.client = client;
        this.patience = patience;
    }

    /** What a request came to. */
    private sealed interface Answer {
        record Body(byte[] bytes) implements Answer {}

        record NotFound(String message) implements Answer {}

        record TooLong(String message) implements Answer {}

        record Failed(String message) implements Answer {}
    }

    /** @param patience for each of the two files, to its last byte */
    static Delivery of(HttpsSource source, Duration patience) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .connectTimeout(CONNECT)
                // Anywhere but from https to something else.
                .followRedirects(Redirect.NORMAL);
        if (source.caBundle() != null) {
            try {
                builder.sslContext(ServerTrust.only(source.caBundle()));
            } catch (IllegalArgumentException e) {
                return new Unavailable(Reason.CatalogUnreachable, "spec.source.https.caBundle " + e.getMessage());
            }
        }
        try (HttpClient client = builder.build()) {
            Delivery delivery = new HttpsFetch(client, patience).both(source);
            // Whatever has not come by now does not hold the controller up.
            client.shutdownNow();
            return delivery;
        }
    }

    private Delivery both(HttpsSource source) {
        return switch (get(source.url(), CatalogDocument.MAX_BYTES)) {
            case Answer.NotFound missing -> new Unavailable(Reason.CatalogUnreachable, missing.message());
            case Answer.TooLong tooLong -> new Unavailable(Reason.CatalogTooLarge, tooLong.message());
            case Answer.Failed failed -> new Unavailable(Reason.CatalogUnreachable, failed.message());
            case Answer.Body content -> withSignature(source, content.bytes());
        };
    }

    private Delivery withSignature(HttpsSource source, byte[] content) {
        String url = Optional.ofNullable(source.signatureURL()).orElseGet(() -> source.url() + ".sig");
        return switch (get(url, MAX_SIGNATURE)) {
            case Answer.NotFound missing ->
                new Unavailable(
                        Reason.CatalogUnsigned,
                        missing.message() + ": put the catalog's signature there, as with cosign sign-blob --key");
            case Answer.TooLong tooLong -> new Unavailable(Reason.CatalogSignatureInvalid, tooLong.message());
            case Answer.Failed failed -> new Unavailable(Reason.CatalogUnreachable, failed.message());
            case Answer.Body signature ->
                new Delivered(new SignedContent(content, new String(signature.bytes(), UTF_8)));
        };
    }

    private Answer get(String url, int limit) {
        URI uri = URI.create(url);
        String what = uri.getScheme() + "://" + uri.getAuthority() + uri.getPath();
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(patience)
                .header("Cache-Control", "no-cache")
                .build();
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request, response -> new LimitedBody(limit));
        try {
            HttpResponse<byte[]> response = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return switch (response.statusCode()) {
                case HttpURLConnection.HTTP_OK -> new Answer.Body(response.body());
                case HttpURLConnection.HTTP_NOT_FOUND -> new Answer.NotFound(what + " answers 404");
                default -> new Answer.Failed(what + " answers " + response.statusCode() + redirect(response));
            };
        } catch (TimeoutException e) {
            answer.cancel(true);
            return new Answer.Failed(what + " has not answered in full within " + patience.toSeconds() + " s");
        } catch (ExecutionException e) {
            return e.getCause() instanceof LimitedBody.TooLongException
                    ? new Answer.TooLong(what + " has more than " + limit + " bytes")
                    : new Answer.Failed(what + ": " + words(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer.Failed(what + ": interrupted");
        }
    }

    private static String redirect(HttpResponse<?> response) {
        return response.headers()
                .firstValue("Location")
                .map(location -> ", a redirect that is not followed: only https is, five times at most")
                .orElse("");
    }

    /** The innermost has the words of whoever knows. */
    private static String words(Throwable fault) {
        if (fault.getCause() != null) {
            return words(fault.getCause());
        }
        return fault.getMessage() == null ? fault.getClass().getSimpleName() : fault.getMessage();
    }
}
