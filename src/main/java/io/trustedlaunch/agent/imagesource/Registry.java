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

/** Asks a registry, and proves who asks as soon as it wants to know. */
final class Registry {
    private static final int MAX_TOKEN = 64 * 1024;
    private static final int UNAUTHORIZED = 401;

    private final HttpsClient client;
    private final OciReference reference;
    private final Optional<PullCredentials> credentials;
    private final ServerRefusals refusals;
    private final Duration patience;
    private Optional<String> authorization;

    Registry(
            HttpsClient client,
            OciReference reference,
            Optional<PullCredentials> credentials,
            ServerRefusals refusals,
            Duration patience) {
        this.client = client;
        this.reference = reference;
        this.credentials = credentials;
        this.refusals = refusals;
        this.patience = patience;
        // A password is shown when it is asked for, and then perhaps to another server than this.
        this.authorization =
                credentials.filter(PullCredentials.Bearer.class::isInstance).map(PullCredentials::authorization);
    }

    HttpsResponse ask(URI address, Map<String, String> headers) throws HttpsException {
        HttpsResponse answer = client.send(new HttpsRequest(address, headers, authorization), patience);
        // Where the registry has led to, nobody learns anything.
        if (answer.status() != UNAUTHORIZED || !answer.isOfOrigin(address)) {
            return answer;
        }
        try (answer) {
            Optional<String> proof = proofFor(AuthChallenge.parse(answer.headers("WWW-Authenticate")));
            if (proof.isEmpty()) {
                throw refusals.of(answer);
            }
            authorization = proof;
        }
        return client.send(new HttpsRequest(address, headers, authorization), patience);
    }

    private Optional<String> proofFor(List<AuthChallenge> challenges) throws HttpsException {
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
        HttpsRequest question = new HttpsRequest(realm, Map.of(), credentials.map(PullCredentials::authorization));
        try (HttpsResponse answer = client.send(question, patience)) {
            if (answer.status() != 200) {
                throw refusals.of(answer);
            }
            return answer.upTo(MAX_TOKEN, patience)
                    .flatMap(Registry::tokenIn)
                    .orElseThrow(
                            () -> refusals.later(answer.redactedUri() + " answers with something else than a token"));
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
                        "registry " + reference.registry() + " sends to " + OciManifest.cut(realm)
                                + " for a token: only https is gone to"));
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
