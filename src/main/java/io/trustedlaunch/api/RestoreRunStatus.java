package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * How far the restore is, as its agent reports.
 *
 * @param phase how far it is
 * @param reason why it failed, or why it cannot go on now; absent otherwise
 * @param message the same, for people
 * @param progressPercent percentage of the backup's files that was read
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record RestoreRunStatus(
        Phase phase,
        @Size(max = Messages.MAX_REASON) String reason,
        @Size(max = Messages.MAX_LENGTH) String message,
        Integer progressPercent) {
    public RestoreRunStatus {
        message = Messages.bounded(message);
    }

    public RestoreRunStatus(Phase phase, String reason, String message) {
        this(phase, reason, message, null);
    }

    /** The state of a run. Completed and Failed are final. */
    public enum Phase {
        Running,
        /** The VM's files are those of the backup. */
        Completed,
        /** The VM's files are as they were. */
        Failed
    }
}
