package io.trustedlaunch.api;

import java.util.Optional;

/** What an agent reports of a run, whatever that is for: its node's word, which the operator believes as far as it can be true. */
public interface RunStatus {
    /** How far it is. */
    RunPhase phase();

    /** Percentage of what it reads that was read. */
    Integer progressPercent();

    /** Why it failed, or cannot go on now. */
    String reason();

    /** The same, for people. */
    String message();

    /** Empty if the reason is none of ours. */
    default Optional<Reason> knownReason() {
        return Reason.named(reason());
    }

    /** Empty if nothing is said. */
    default Optional<String> said() {
        return Optional.ofNullable(message()).filter(text -> !text.isBlank());
    }
}
