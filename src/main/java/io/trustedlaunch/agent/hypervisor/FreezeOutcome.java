package io.trustedlaunch.agent.hypervisor;

/** The outcome of a request to a guest agent to freeze the guest's file systems. The guest may lie. */
public enum FreezeOutcome {
    FROZEN,
    /** None is connected. */
    NO_AGENT,
    /** It did not answer in time, and may freeze them later. */
    TIMED_OUT,
    /** It answered that it could not, or that it froze none. */
    FAILED
}
