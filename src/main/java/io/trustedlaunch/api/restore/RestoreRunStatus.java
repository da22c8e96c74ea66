package io.trustedlaunch.api.restore;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Percent;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.RunStatus;

/**
 * How far the restore is, as its agent reports.
 *
 * @param phase how far it is; once it is Completed, the VM's files are those of the backup; if it has Failed, they are as they were
 * @param reason why it failed, or why it cannot go on now; absent otherwise
 * @param message the same, for people
 * @param progressPercent percentage of the backup's files that was read
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record RestoreRunStatus(
        RunPhase phase,
        @Size(max = Messages.MAX_REASON) String reason,
        @Size(max = Messages.MAX_LENGTH) String message,
        Integer progressPercent)
        implements RunStatus {
    public RestoreRunStatus {
        message = Messages.bounded(message);
        progressPercent = Percent.bounded(progressPercent);
    }

    public RestoreRunStatus(RunPhase phase, String reason, String message) {
        this(phase, reason, message, null);
    }
}
