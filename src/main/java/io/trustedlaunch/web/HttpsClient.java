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

/** Asks https servers, and follows them to others of their kind. */
public final class HttpsClient implements AutoCloseable {
    private static final int MAX_REDIRECTS = 5;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int HTTPS_PORT = 443;

    private final HttpClient client;

    private HttpsClient(HttpClient client) {
        this.client = client;
    }

    /**
     * @param caBundle whom to believe, in PEM; empty: the authorities that this system trusts
     * @throws IllegalArgumentException saying why it is none
     */
    public static HttpsClient believing(Optional<String> caBundle) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .connectTimeout(CONNECT)
                // One file at a time.
                .version(Version.HTTP_1_1)
                // The client would take credentials along.
                .followRedirects(Redirect.NEVER);
        caBundle.map(ServerTrust::only).ifPresent(builder::sslContext);
        return new HttpsClient(builder.build());
    }

    /**
     * Any answer, also one that says no. Whoever gets it closes it.
     *
     * @param patience with each server on the way, until it begins to answer
     */
    public HttpsResponse ask(HttpsRequest question, Duration patience) throws HttpsException {
        URI address = question.address();
        if (!isHttps(address)) {
            throw new IllegalArgumentException("not an https address: " + RedactedUri.of(address));
        }
        for (int redirects = 0; ; redirects++) {
            HttpsResponse answer = askOnce(question, address, patience);
            Optional<String> location = answer.header("Location").filter(given -> REDIRECTS.contains(answer.status()));
            if (location.isEmpty()) {
                return answer;
            }
            answer.close();
            address = next(address, answer.status(), location.get(), redirects);
        }
    }

    private HttpsResponse askOnce(HttpsRequest question, URI address, Duration patience) throws HttpsException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        question.headers().forEach(request::header);
        question.authorization()
                .filter(given -> isSameOrigin(question.address(), address))
                .ifPresent(given -> request.header("Authorization", given));
        CompletableFuture<HttpResponse<ArrivingBody>> answer =
                client.sendAsync(request.build(), response -> new ArrivingBody());
        try {
            return new HttpsResponse(answer.get(patience.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new HttpsException(
                    Kind.UNREACHABLE,
                    RedactedUri.of(address) + " has not begun to answer within " + patience.toSeconds() + " s",
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
                                + ", a redirect that is not followed: only https is, five times at most",
                        null));
    }

    private static Optional<URI> resolved(URI from, String location) {
        try {
            return Optional.of(from.resolve(location));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether it is an address that can be asked. */
    public static boolean isHttps(URI address) {
        return "https".equalsIgnoreCase(address.getScheme()) && address.getHost() != null;
    }

    /** Of two https addresses: one server, for credentials. */
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
        Kind kind = isOfCertificate(fault) ? Kind.UNTRUSTED : Kind.UNREACHABLE;
        return new HttpsException(kind, RedactedUri.of(address) + ": " + words(fault), fault);
    }

    private static boolean isOfCertificate(Throwable fault) {
        return fault != null && (fault instanceof CertificateException || isOfCertificate(fault.getCause()));
    }

    /** The innermost has the words of whoever knows. */
    private static String words(Throwable fault) {
        if (fault.getCause() != null) {
            return words(fault.getCause());
        }
        return Objects.requireNonNullElse(fault.getMessage(), fault.getClass().getSimpleName());
    }

    /** Ends whatever is still under way. */
    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
