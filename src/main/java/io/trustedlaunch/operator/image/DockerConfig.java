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
 * Credentials by registry, in the form of docker's {@code config.json}.
 *
 * @param entries by registry, which may have the beginning of a repository after it
 */
record DockerConfig(Map<String, JsonNode> entries) {
    /** What login tools write around the registry. */
    private static final Pattern AROUND = Pattern.compile("^https?://|/v[12]/?$|/$");

    /** @throws IllegalArgumentException saying what is wrong, and nothing of what is in it */
    static DockerConfig parse(String json) {
        JsonNode auths;
        try {
            auths = new ObjectMapper().readTree(json).path("auths");
        } catch (JsonProcessingException e) {
            // Its message may quote the text.
            throw new IllegalArgumentException(".dockerconfigjson in the Secret is not JSON");
        }
        if (!auths.isObject()) {
            throw new IllegalArgumentException(".dockerconfigjson in the Secret has no object auths");
        }
        Map<String, JsonNode> entries = new TreeMap<>();
        auths.properties()
                .forEach(entry -> entries.put(
                        AROUND.matcher(entry.getKey()).replaceAll("").toLowerCase(Locale.ROOT), entry.getValue()));
        return new DockerConfig(entries);
    }

    /**
     * Of the entry that says most of where the image is.
     *
     * @throws IllegalArgumentException saying what is wrong, and nothing of what is in it
     */
    PullCredentials credentialsFor(String reference) {
        String image = reference.toLowerCase(Locale.ROOT);
        String registry = image.substring(0, image.indexOf('/'));
        return entries.keySet().stream()
                .filter(place -> image.startsWith(place + "/") || image.startsWith(place + ":"))
                // A port is no part of a repository.
                .filter(place -> place.equals(registry) || place.startsWith(registry + "/"))
                .max(Comparator.comparing(String::length))
                .map(place -> credentials(place, entries.get(place)))
                .orElseThrow(() -> new IllegalArgumentException(".dockerconfigjson in the Secret has nothing for "
                        + registry + ", only for " + entries.keySet()));
    }

    private static PullCredentials credentials(String place, JsonNode entry) {
        if (!entry.path("identitytoken").asText("").isEmpty()) {
            throw new IllegalArgumentException(".dockerconfigjson in the Secret has an identitytoken for " + place
                    + ", which is not understood: use a user name and a password, or a registrytoken");
        }
        String auth = entry.path("auth").asText("");
        if (!auth.isEmpty()) {
            return ofPair(place, auth);
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
                        + " nor registrytoken for " + place);
    }

    private static PullCredentials ofPair(String place, String auth) {
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(auth), UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    ".dockerconfigjson in the Secret has an auth for " + place + " that is not Base64");
        }
        int colon = pair.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException(".dockerconfigjson in the Secret has an auth for " + place
                    + " that is not user:password in Base64");
        }
        return PullCredentials.basic(pair.substring(0, colon), pair.substring(colon + 1));
    }
}
