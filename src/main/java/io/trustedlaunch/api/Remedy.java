package io.trustedlaunch.api;

/** What ends the state that a {@link Reason} names. */
public enum Remedy {
    /**
     * Time, a retry, a node, or another object, which may be part of the same commit. Whoever waits may go on waiting, so it is
     * the one where there is a doubt, and that of each reason that an agent reports.
     */
    Itself,
    /** Only a person, who changes the object, a policy or a Secret that is there. */
    Person
}
