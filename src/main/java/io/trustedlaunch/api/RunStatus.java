package io.trustedlaunch.api;

import java.util.Optional;

/** An agent's report of a run of any kind, which the operator believes as far as it can be true. */
public interface RunStatus {
    /** How far it is. */
    RunPhase phase();

    /** Percentage of what it reads that was read. */
    Integer progressPercent();

    /** Why it failed, or cannot go on now. */
    String reason();

    /** The same, for people. */
    String message();

    /**
     * The percentage that the operator records after another one: long work shall not write all the time, so it is written when
     * another quarter has begun. A run that is not over is never whole.
     */
    default int percentAfter(int said) {
        int reported = Math.min(Optional.ofNullable(progressPercent()).orElse(0), Percent.WHOLE - 1);
        return reported / Percent.QUARTER == said / Percent.QUARTER ? said : reported;
    }

    /** Empty if the reason is none of ours. */
    default Optional<Reason> knownReason() {
        return Reason.reported(reason());
    }

    /** Empty if nothing is said. */
    default Optional<String> said() {
        return Optional.ofNullable(message()).filter(text -> !text.isBlank());
    }
}
