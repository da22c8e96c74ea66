package io.trustedlaunch.web;

import java.net.URI;

/** Addresses as messages have them. */
public final class RedactedUri {
    private RedactedUri() {}

    /** Without user and query, which may hold a password. */
    public static String of(URI address) {
        String port = address.getPort() < 0 ? "" : ":" + address.getPort();
        return address.getScheme() + "://" + address.getHost() + port + address.getPath();
    }
}
