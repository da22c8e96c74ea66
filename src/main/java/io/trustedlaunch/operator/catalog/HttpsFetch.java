package io.trustedlaunch.operator.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.api.ImageCatalogSpec.HttpsSource;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.catalog.CatalogDocument;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.operator.catalog.FetchResult.Delivered;
import io.trustedlaunch.operator.catalog.FetchResult.Unavailable;
import io.trustedlaunch.web.HttpsClient;
import io.trustedlaunch.web.HttpsException;
import io.trustedlaunch.web.HttpsRequest;
import io.trustedlaunch.web.HttpsResponse;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** One look at a catalog on a web server. */
final class HttpsFetch {
    private static final int MAX_SIGNATURE = 4096;

    /** For whatever keeps copies on the way. */
    private static final Map<String, String> NOT_AN_OLD_ONE = Map.of("Cache-Control", "no-cache");

    private final HttpsClient client;
    private final HttpsSource source;
    private final Optional<PullCredentials> credentials;
    private final Duration patience;

    private HttpsFetch(
            HttpsClient client, HttpsSource source, Optional<PullCredentials> credentials, Duration patience) {
        this.client = client;
        this.source = source;
        this.credentials = credentials;
        this.patience = patience;
    }

    /** What a request came to. */
    private sealed interface Found {
        record Body(byte[] bytes) implements Found {}

        record NotFound(String message) implements Found {}

        record TooLong(String message) implements Found {}

        record Failed(String message) implements Found {}
    }

    /** @param patience with each of the two files, until it begins to come, and from then until it has come */
    static FetchResult of(HttpsSource source, Optional<PullCredentials> credentials, Duration patience) {
        HttpsClient believing;
        try {
            believing = HttpsClient.believing(Optional.ofNullable(source.caBundle()));
        } catch (IllegalArgumentException e) {
            return new Unavailable(Reason.CatalogUnreachable, "spec.source.https.caBundle " + e.getMessage());
        }
        try (HttpsClient client = believing) {
            return new HttpsFetch(client, source, credentials, patience).both();
        }
    }

    private FetchResult both() {
        return switch (get(source.url(), CatalogDocument.MAX_BYTES)) {
            case Found.NotFound missing -> new Unavailable(Reason.CatalogUnreachable, missing.message());
            case Found.TooLong tooLong -> new Unavailable(Reason.CatalogTooLarge, tooLong.message());
            case Found.Failed failed -> new Unavailable(Reason.CatalogUnreachable, failed.message());
            case Found.Body content -> withSignature(content.bytes());
        };
    }

    private FetchResult withSignature(byte[] content) {
        String url = Optional.ofNullable(source.signatureURL()).orElseGet(() -> source.url() + ".sig");
        return switch (get(url, MAX_SIGNATURE)) {
            case Found.NotFound missing ->
                new Unavailable(
                        Reason.CatalogUnsigned,
                        missing.message() + ": put the catalog's signature there, as with cosign sign-blob --key");
            case Found.TooLong tooLong -> new Unavailable(Reason.CatalogSignatureInvalid, tooLong.message());
            case Found.Failed failed -> new Unavailable(Reason.CatalogUnreachable, failed.message());
            case Found.Body signature ->
                new Delivered(new SignedContent(content, new String(signature.bytes(), UTF_8)));
        };
    }

    private Found get(String url, int limit) {
        HttpsRequest question = new HttpsRequest(URI.create(url), NOT_AN_OLD_ONE, authorization(url));
        try (HttpsResponse answer = client.ask(question, patience)) {
            return switch (answer.status()) {
                case HttpURLConnection.HTTP_OK ->
                    answer.upTo(limit, patience)
                            .<Found>map(Found.Body::new)
                            .orElseGet(() -> new Found.TooLong(answer.told() + " has more than " + limit + " bytes"));
                case HttpURLConnection.HTTP_NOT_FOUND -> new Found.NotFound(answer.told() + " answers 404");
                default -> new Found.Failed(answer.told() + " answers " + answer.status());
            };
        } catch (HttpsException e) {
            return new Found.Failed(e.getMessage());
        }
    }

    /** The signature can be at another server than the catalog, whose credentials these are. */
    private Optional<String> authorization(String url) {
        return credentials
                .filter(known -> HttpsClient.isSameOrigin(URI.create(url), URI.create(source.url())))
                .map(PullCredentials::authorization);
    }
}
