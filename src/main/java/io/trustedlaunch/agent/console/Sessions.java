package io.trustedlaunch.agent.console;

import java.util.Optional;

/** The sessions that are valid now. */
interface Sessions {
    /** Whether there is a session with this key. */
    boolean admits(String fingerprint);

    /**
     * The session of one VMConsole. A client names it, since anyone who sees a VMConsole can create another one with the same
     * key, to lock its owner out, or to direct the owner's input to another guest.
     *
     * @param id UID of the VMConsole
     */
    Optional<ConsoleSession> find(String id, String fingerprint);
}
