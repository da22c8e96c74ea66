package io.trustedlaunch.web;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * A GET request.
 *
 * @param headers sent to all servers of a chain of redirects
 * @param authorization sent only to the origin of {@code address}
 */
public record HttpsRequest(URI address, Map<String, String> headers, Optional<String> authorization) {
    @Override
    public String toString() {
        return "HttpsRequest[" + RedactedUri.of(address) + "]";
    }
}
