package io.trustedlaunch.web;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * A GET request.
 *
 * @param source the address that an administrator named: the request's own, or that of the server that leads to it
 * @param headers sent to all servers of a chain of redirects
 * @param authorization sent only to the origin of {@code address}
 */
public record HttpsRequest(URI source, URI address, Map<String, String> headers, Optional<String> authorization) {
    public HttpsRequest(URI address, Map<String, String> headers, Optional<String> authorization) {
        this(address, address, headers, authorization);
    }

    @Override
    public String toString() {
        return "HttpsRequest[" + RedactedUri.of(address) + "]";
    }
}
