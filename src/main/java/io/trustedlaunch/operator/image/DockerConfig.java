package io.trustedlaunch.operator.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trustedlaunch.custody.PullCredentials;
import java.util.Base64;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Credentials by registry, in the format of docker's {@code config.json}.
 *
 * @param entries by registry, optionally followed by a prefix of the repository
 */
record DockerConfig(Map<String, JsonNode> entries) {
    /** Login tools add these to the registry. */
    private static final Pattern DECORATION = Pattern.compile("^https?://|/v[12]/?$|/$");

    /** @throws IllegalArgumentException with the problem, and none of the contents */
    static DockerConfig parse(String json) {
        JsonNode auths;
        try {
            auths = new ObjectMapper().readTree(json).path("auths");
        } catch (JsonProcessingException e) {
            // The message of the cause may quote the text.
            throw new IllegalArgumentException(".dockerconfigjson in the Secret is not JSON");
        }
        if (!auths.isObject()) {
            throw new IllegalArgumentException(".dockerconfigjson in the Secret has no object auths");
        }
        Map<String, JsonNode> entries = new TreeMap<>();
        auths.properties()
                .forEach(entry -> entries.put(
                        DECORATION.matcher(entry.getKey()).replaceAll("").toLowerCase(Locale.ROOT), entry.getValue()));
        return new DockerConfig(entries);
    }

    /**
     * The credentials of the most specific entry for the image.
     *
     * @throws IllegalArgumentException with the problem, and none of the contents
     */
    PullCredentials credentialsFor(String reference) {
        String image = reference.toLowerCase(Locale.ROOT);
        String registry = image.substring(0, image.indexOf('/'));
        return entries.keySet().stream()
                .filter(repository -> image.startsWith(repository + "/") || image.startsWith(repository + ":"))
                // A port is not part of a repository.
                .filter(repository -> repository.equals(registry) || repository.startsWith(registry + "/"))
                .max(Comparator.comparing(String::length))
                .map(repository -> credentials(repository, entries.get(repository)))
                .orElseThrow(() -> new IllegalArgumentException(".dockerconfigjson in the Secret has no entry for "
                        + registry + ", only for " + entries.keySet()));
    }

    private static PullCredentials credentials(String repository, JsonNode entry) {
        if (!entry.path("identitytoken").asText("").isEmpty()) {
            throw new IllegalArgumentException(".dockerconfigjson in the Secret has an identitytoken for " + repository
                    + ", which is not supported: use a user name and a password, or a registrytoken");
        }
        String auth = entry.path("auth").asText("");
        if (!auth.isEmpty()) {
            return ofUserAndPassword(repository, auth);
        }
        if (entry.path("username").isTextual() && entry.path("password").isTextual()) {
            return PullCredentials.basic(
                    entry.path("username").asText(), entry.path("password").asText());
        }
        if (entry.path("registrytoken").isTextual()) {
            return PullCredentials.bearer(entry.path("registrytoken").asText());
        }
        throw new IllegalArgumentException(
                ".dockerconfigjson in the Secret has neither auth, nor username and password,"
                        + " nor registrytoken for " + repository);
    }

    private static PullCredentials ofUserAndPassword(String repository, String auth) {
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(auth), UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    ".dockerconfigjson in the Secret has an auth for " + repository + " that is not Base64");
        }
        int colon = pair.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException(".dockerconfigjson in the Secret has an auth for " + repository
                    + " that is not user:password in Base64");
        }
        return PullCredentials.basic(pair.substring(0, colon), pair.substring(colon + 1));
    }
}
