package io.trustedlaunch.agent.imagesource;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A reference to an artifact in a registry.
 *
 * @param tag used if there is no digest
 * @param digest of the manifest, in lower-case hex
 */
record OciReference(String registry, String repository, Optional<String> tag, Optional<String> digest) {
    /** The pattern is similar to that of the GuestImage's schema, which has checked the details. */
    private static final Pattern FORM =
            Pattern.compile("(?<registry>[A-Za-z0-9.-]+(?::[0-9]{1,5})?)/(?<repository>[a-z0-9._/-]+)"
                    + "(?::(?<tag>[A-Za-z0-9._-]+))?(?:@sha256:(?<digest>[0-9a-f]{64}))?");

    /** @throws IllegalArgumentException if the text is not a reference */
    static OciReference parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches() || (matcher.group("tag") == null && matcher.group("digest") == null)) {
            throw new IllegalArgumentException(
                    "it is not registry/repository:tag or registry/repository@sha256:digest");
        }
        return new OciReference(
                matcher.group("registry"),
                matcher.group("repository"),
                Optional.ofNullable(matcher.group("tag")),
                Optional.ofNullable(matcher.group("digest")));
    }

    URI manifest() {
        return of(
                "manifests/" + digest.map(hex -> "sha256:" + hex).or(() -> tag).orElseThrow());
    }

    URI blob(String sha256) {
        return of("blobs/sha256:" + sha256);
    }

    private URI of(String what) {
        return URI.create("https://" + registry + "/v2/" + repository + "/" + what);
    }
}
