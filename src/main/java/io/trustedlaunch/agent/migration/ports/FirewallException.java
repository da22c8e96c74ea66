package io.trustedlaunch.agent.migration.ports;

import java.io.IOException;

/** The rules about this host's migration ports cannot be written. */
public final class FirewallException extends IOException {
    private static final long serialVersionUID = 1L;

    FirewallException(String message) {
        super(message);
    }
}
