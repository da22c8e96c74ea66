package io.trustedlaunch.web;

import java.net.URI;

/** The text of addresses for messages. */
public final class RedactedUri {
    private RedactedUri() {}

    /** Leaves out the user and the query, which may hold a password. */
    public static String of(URI address) {
        String port = address.getPort() < 0 ? "" : ":" + address.getPort();
        return address.getScheme() + "://" + address.getHost() + port + address.getPath();
    }
}
