package io.trustedlaunch.web;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * What a server is asked.
 *
 * @param headers all servers on the way see them
 * @param authorization for the origin of {@code address}, and no other
 */
public record HttpsRequest(URI address, Map<String, String> headers, Optional<String> authorization) {
    @Override
    public String toString() {
        return "Question[" + RedactedUri.of(address) + "]";
    }
}
