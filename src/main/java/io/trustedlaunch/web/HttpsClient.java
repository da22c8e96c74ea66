package io.trustedlaunch.web;

import io.trustedlaunch.custody.ServerTrust;
import io.trustedlaunch.web.HttpsException.Kind;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A client for https servers that follows redirects to other https servers, as far as {@link Destinations} allows. */
public final class HttpsClient implements AutoCloseable {
    private static final int MAX_REDIRECTS = 5;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int HTTPS_PORT = 443;

    private final HttpClient client;
    private final Destinations destinations = new Destinations();

    private HttpsClient(HttpClient client) {
        this.client = client;
    }

    /**
     * @param caBundle the trusted authorities, in PEM; if empty, those that this system trusts
     * @throws IllegalArgumentException if it is not a CA bundle
     */
    public static HttpsClient trusting(Optional<String> caBundle) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .connectTimeout(CONNECT)
                // One file at a time: HTTP/2 would gain nothing.
                .version(Version.HTTP_1_1)
                // The JDK would send the credentials to other servers too.
                .followRedirects(Redirect.NEVER);
        caBundle.map(ServerTrust::only).ifPresent(builder::sslContext);
        return new HttpsClient(builder.build());
    }

    /**
     * Returns a response of any status. The caller closes it.
     *
     * @param timeout for each server of a chain of redirects, until it begins to answer
     */
    public HttpsResponse send(HttpsRequest request, Duration timeout) throws HttpsException {
        URI address = request.address();
        if (!isHttps(address)) {
            throw new IllegalArgumentException("not an https address: " + RedactedUri.of(address));
        }
        for (int redirects = 0; ; redirects++) {
            destinations.require(request.source(), address);
            HttpsResponse response = sendOnce(request, address, timeout);
            Optional<String> location =
                    response.header("Location").filter(given -> REDIRECTS.contains(response.status()));
            if (location.isEmpty()) {
                return response;
            }
            response.close();
            address = next(address, response.status(), location.get(), redirects);
        }
    }

    private HttpsResponse sendOnce(HttpsRequest request, URI address, Duration timeout) throws HttpsException {
        HttpRequest.Builder builder = HttpRequest.newBuilder(address);
        request.headers().forEach(builder::header);
        request.authorization()
                .filter(given -> isSameOrigin(request.address(), address))
                .ifPresent(given -> builder.header("Authorization", given));
        CompletableFuture<HttpResponse<ArrivingBody>> response =
                client.sendAsync(builder.build(), ignored -> new ArrivingBody());
        try {
            return new HttpsResponse(response.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            response.cancel(true);
            throw new HttpsException(
                    Kind.UNREACHABLE,
                    RedactedUri.of(address) + " has not begun to answer within " + timeout.toSeconds() + " s",
                    e);
        } catch (ExecutionException e) {
            throw fault(address, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HttpsException(Kind.UNREACHABLE, RedactedUri.of(address) + ": interrupted", e);
        }
    }

    private static URI next(URI from, int status, String location, int redirects) throws HttpsException {
        return resolved(from, location)
                .filter(HttpsClient::isHttps)
                .filter(next -> redirects < MAX_REDIRECTS)
                .orElseThrow(() -> new HttpsException(
                        Kind.REDIRECTED,
                        RedactedUri.of(from) + " answers " + status
                                + ", a redirect that is not followed: only redirects to https are, at most "
                                + MAX_REDIRECTS,
                        null));
    }

    private static Optional<URI> resolved(URI from, String location) {
        try {
            return Optional.of(from.resolve(location));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether the address has scheme https and a host. */
    public static boolean isHttps(URI address) {
        return "https".equalsIgnoreCase(address.getScheme()) && address.getHost() != null;
    }

    /** Whether two https addresses are on the same server, so that the same credentials apply. */
    public static boolean isSameOrigin(URI one, URI other) {
        return host(one).equals(host(other)) && port(one) == port(other);
    }

    private static String host(URI address) {
        return address.getHost().toLowerCase(Locale.ROOT);
    }

    private static int port(URI address) {
        return address.getPort() < 0 ? HTTPS_PORT : address.getPort();
    }

    static HttpsException fault(URI address, Throwable fault) {
        Kind kind = isAboutTheCertificate(fault) ? Kind.UNTRUSTED : Kind.UNREACHABLE;
        return new HttpsException(kind, RedactedUri.of(address) + ": " + messageOf(fault), fault);
    }

    private static boolean isAboutTheCertificate(Throwable fault) {
        return fault != null && (fault instanceof CertificateException || isAboutTheCertificate(fault.getCause()));
    }

    /** The message of the innermost cause is the most exact. */
    private static String messageOf(Throwable fault) {
        if (fault.getCause() != null) {
            return messageOf(fault.getCause());
        }
        return Objects.requireNonNullElse(fault.getMessage(), fault.getClass().getSimpleName());
    }

    /** Cancels requests that are still under way. */
    @Override
    public void close() {
        client.shutdownNow();
        client.close();
        destinations.close();
    }
}
