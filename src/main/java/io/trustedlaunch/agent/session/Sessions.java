package io.trustedlaunch.agent.session;

import java.util.Optional;

/** The sessions of one kind that are valid now. */
public interface Sessions<S extends Session> {
    /** Whether there is a session with this key. */
    boolean admits(String fingerprint);

    /**
     * The session of one object. A client names it, since anyone who sees an object can create another one with the same key, to
     * lock its owner out, or to direct the owner's input elsewhere.
     *
     * @param id UID of the object
     */
    Optional<S> find(String id, String fingerprint);

    /** Whether the session is as it was. */
    default boolean isValid(S session) {
        return find(session.id(), session.clientKey()).filter(session::equals).isPresent();
    }
}
