package io.trustedlaunch.agent.imagesource;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.api.Reason;
import io.trustedlaunch.custody.PullCredentials;
import io.trustedlaunch.web.HttpsClient;
import io.trustedlaunch.web.HttpsException;
import io.trustedlaunch.web.HttpsRequest;
import io.trustedlaunch.web.HttpsResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sends requests to a registry, and authenticates when it asks for that. */
final class Registry {
    private static final int MAX_TOKEN = 64 * 1024;
    private static final int UNAUTHORIZED = 401;

    private final HttpsClient client;
    private final OciReference reference;
    private final Optional<PullCredentials> credentials;
    private final ServerRefusals refusals;
    private final Duration timeout;
    private Optional<String> authorization;

    Registry(
            HttpsClient client,
            OciReference reference,
            Optional<PullCredentials> credentials,
            ServerRefusals refusals,
            Duration timeout) {
        this.client = client;
        this.reference = reference;
        this.credentials = credentials;
        this.refusals = refusals;
        this.timeout = timeout;
        // A password is sent only on request, possibly to another server than this.
        this.authorization =
                credentials.filter(PullCredentials.Bearer.class::isInstance).map(PullCredentials::authorization);
    }

    HttpsResponse send(URI address, Map<String, String> headers) throws HttpsException {
        HttpsResponse response = client.send(new HttpsRequest(address, headers, authorization), timeout);
        // A server that the registry redirected to gets no credentials.
        if (response.status() != UNAUTHORIZED || !response.isOfOrigin(address)) {
            return response;
        }
        try (response) {
            Optional<String> answer = authorizationFor(AuthChallenge.parse(response.headers("WWW-Authenticate")));
            if (answer.isEmpty()) {
                throw refusals.of(response);
            }
            authorization = answer;
        }
        return client.send(new HttpsRequest(address, headers, authorization), timeout);
    }

    private Optional<String> authorizationFor(List<AuthChallenge> challenges) throws HttpsException {
        if (credentials.filter(PullCredentials.Bearer.class::isInstance).isPresent()) {
            return Optional.empty();
        }
        Optional<AuthChallenge> bearer = AuthChallenge.of("bearer", challenges);
        if (bearer.isPresent()) {
            return Optional.of(token(bearer.get()));
        }
        return AuthChallenge.of("basic", challenges)
                .flatMap(basic -> credentials)
                .map(PullCredentials::authorization);
    }

    private String token(AuthChallenge challenge) throws HttpsException {
        URI realm = realm(challenge);
        HttpsRequest request = new HttpsRequest(
                reference.manifest(), realm, Map.of(), credentials.map(PullCredentials::authorization));
        try (HttpsResponse response = client.send(request, timeout)) {
            if (response.status() != 200) {
                throw refusals.of(response);
            }
            return response.upTo(MAX_TOKEN, timeout)
                    .flatMap(Registry::tokenIn)
                    .orElseThrow(() -> refusals.later(response.redactedUri() + " did not send a token"));
        }
    }

    private URI realm(AuthChallenge challenge) {
        String realm = challenge.parameter("realm").orElse("");
        String scope = challenge.parameter("scope").orElse("repository:" + reference.repository() + ":pull");
        String query = challenge
                        .parameter("service")
                        .map(service -> "service=" + encoded(service) + "&")
                        .orElse("") + "scope=" + encoded(scope);
        return address(realm + (realm.contains("?") ? "&" : "?") + query)
                .filter(HttpsClient::isHttps)
                .orElseThrow(() -> refusals.refused(
                        Reason.ImageRedirectRefused,
                        "registry " + reference.registry() + " names the token server " + OciManifest.cut(realm)
                                + ", but only https is allowed; correct the registry's configuration"));
    }

    private static Optional<URI> address(String text) {
        try {
            return Optional.of(new URI(text));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, UTF_8);
    }

    private static Optional<String> tokenIn(byte[] json) {
        try {
            JsonNode tree = new ObjectMapper().readTree(json);
            String token = tree.path("token").asText(tree.path("access_token").asText(""));
            return Optional.of(PullCredentials.bearer(token).authorization());
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
