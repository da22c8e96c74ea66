package io.trustedlaunch.agent.nbd;

import java.io.IOException;

/**
 * The server refused something, said what the protocol does not allow, or went away: the connection is of no use any more. The
 * message is a sentence in which "it" is the server.
 */
public final class NbdException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int error;

    NbdException(String message) {
        this(message, 0);
    }

    private NbdException(String message, int error) {
        super(message);
        this.error = error;
    }

    /** @param detail of the server's, with what is before it; may be empty */
    static NbdException refused(int error, String detail) {
        return new NbdException("it refuses with error " + error + detail, error);
    }

    /** Whether the server found no room for what was written. */
    public boolean isNoSpace() {
        return error == NbdProtocol.NO_SPACE;
    }
}
