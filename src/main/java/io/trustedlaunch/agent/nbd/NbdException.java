package io.trustedlaunch.agent.nbd;

import java.io.IOException;

/** The server refused something, or said what the protocol does not allow: the connection is of no use any more. */
public final class NbdException extends IOException {
    private static final long serialVersionUID = 1L;

    NbdException(String message) {
        super(message);
    }
}
