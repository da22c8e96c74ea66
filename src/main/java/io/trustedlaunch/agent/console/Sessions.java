package io.trustedlaunch.agent.console;

import java.util.Optional;

/** The sessions that stand now. */
@FunctionalInterface
interface Sessions {
    /** The one that lets this key in; empty: none does. */
    Optional<ConsoleSession> withKey(String fingerprint);
}
