package io.trustedlaunch.web;

/** A request got no response, or the response broke off. The message has the address, and nothing confidential. */
public final class HttpsException extends Exception {
    private static final long serialVersionUID = 1L;

    public enum Kind {
        /** The server's certificate is not trusted. */
        UNTRUSTED,
        /** The server answered with a redirect that is not followed. */
        REDIRECTED,
        /** Anything else; a retry may succeed. */
        UNREACHABLE
    }

    private final Kind kind;

    HttpsException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
