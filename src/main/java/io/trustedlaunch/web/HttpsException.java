package io.trustedlaunch.web;

/** There is no answer, or no more of one. The message has the address, and nothing confidential. */
public final class HttpsException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kept it. */
    public enum Kind {
        /** The server's certificate. */
        UNTRUSTED,
        /** A redirect that is not followed. */
        REDIRECTED,
        /** Whatever may be over the next time. */
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
