package io.trustedlaunch.operator.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trustedlaunch.api.Reason;
import io.trustedlaunch.api.image.ImageCatalogSpec.HttpsSource;
import io.trustedlaunch.catalog.CatalogDocument;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.operator.catalog.FetchResult.Fetched;
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

/** Fetches a catalog and its signature from a web server. */
final class HttpsFetch {
    private static final int MAX_SIGNATURE = 4096;

    /** Caching proxies must not answer. */
    private static final Map<String, String> NO_CACHE = Map.of("Cache-Control", "no-cache");

    private final HttpsClient client;
    private final HttpsSource source;
    private final Optional<PullCredentials> credentials;
    private final Duration timeout;

    private HttpsFetch(
            HttpsClient client, HttpsSource source, Optional<PullCredentials> credentials, Duration timeout) {
        this.client = client;
        this.source = source;
        this.credentials = credentials;
        this.timeout = timeout;
    }

    private static final String CHECK = "; check the server, and what spec.source.https says about it";

    private sealed interface Download {
        record Body(byte[] bytes) implements Download {}

        record NotFound(String message) implements Download {}

        record TooLong(String message) implements Download {}

        record Failed(String message) implements Download {}
    }

    /** @param timeout for each of the two files: for the start of the response, and then for its body */
    static FetchResult of(HttpsSource source, Optional<PullCredentials> credentials, Duration timeout) {
        HttpsClient configured;
        try {
            configured = HttpsClient.trusting(Optional.ofNullable(source.caBundle()));
        } catch (IllegalArgumentException e) {
            return new Unavailable(
                    Reason.CatalogUnreachable, "spec.source.https.caBundle " + e.getMessage() + ": correct it");
        }
        try (HttpsClient client = configured) {
            return new HttpsFetch(client, source, credentials, timeout).both();
        }
    }

    private FetchResult both() {
        return switch (get(source.url(), CatalogDocument.MAX_BYTES)) {
            case Download.NotFound missing ->
                new Unavailable(
                        Reason.CatalogUnreachable,
                        missing.message() + ": put the catalog there, or correct spec.source.https.url");
            case Download.TooLong tooLong ->
                new Unavailable(
                        Reason.CatalogTooLarge, tooLong.message() + ": divide the catalog among several ImageCatalogs");
            case Download.Failed failed -> new Unavailable(Reason.CatalogUnreachable, failed.message());
            case Download.Body content -> withSignature(content.bytes());
        };
    }

    private FetchResult withSignature(byte[] content) {
        String url = Optional.ofNullable(source.signatureURL()).orElseGet(() -> source.url() + ".sig");
        return switch (get(url, MAX_SIGNATURE)) {
            case Download.NotFound missing ->
                new Unavailable(
                        Reason.CatalogUnsigned,
                        missing.message()
                                + ": put the catalog's signature there, for example made with cosign sign-blob --key");
            case Download.TooLong tooLong ->
                new Unavailable(
                        Reason.CatalogSignatureInvalid, tooLong.message() + ": put the catalog's signature there");
            case Download.Failed failed -> new Unavailable(Reason.CatalogUnreachable, failed.message());
            case Download.Body signature ->
                new Fetched(new SignedContent(content, new String(signature.bytes(), UTF_8)));
        };
    }

    private Download get(String url, int limit) {
        HttpsRequest request = new HttpsRequest(URI.create(url), NO_CACHE, authorization(url));
        try (HttpsResponse response = client.send(request, timeout)) {
            return switch (response.status()) {
                case HttpURLConnection.HTTP_OK ->
                    response.upTo(limit, timeout)
                            .<Download>map(Download.Body::new)
                            .orElseGet(() -> new Download.TooLong(
                                    response.redactedUri() + " has more than " + limit + " bytes"));
                case HttpURLConnection.HTTP_NOT_FOUND -> new Download.NotFound(response.redactedUri() + " answers 404");
                default -> new Download.Failed(response.redactedUri() + " answers " + response.status() + CHECK);
            };
        } catch (HttpsException e) {
            return new Download.Failed(e.getMessage() + CHECK);
        }
    }

    /** The signature can be on another server, which must not get the credentials of the catalog's server. */
    private Optional<String> authorization(String url) {
        return credentials
                .filter(known -> HttpsClient.isSameOrigin(URI.create(url), URI.create(source.url())))
                .map(PullCredentials::authorization);
    }
}
