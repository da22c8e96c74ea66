package io.trustedlaunch.agent.console;

import java.util.Optional;

/** The sessions that are valid now. */
@FunctionalInterface
interface Sessions {
    /** The session of this key; empty if there is none, or more than one. */
    Optional<ConsoleSession> withKey(String fingerprint);
}
