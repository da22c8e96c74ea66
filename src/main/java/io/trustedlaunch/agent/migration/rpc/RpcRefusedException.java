package io.trustedlaunch.agent.migration.rpc;

import java.io.IOException;

/** A message that must not pass. */
public final class RpcRefusedException extends IOException {
    private static final long serialVersionUID = 1;

    public RpcRefusedException(String message) {
        super(message);
    }
}
