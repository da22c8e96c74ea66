package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Percent;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.RunStatus;

/**
 * How far the run is, as its agent reports.
 *
 * @param phase how far it is; a verification that found damage has Failed
 * @param progressPercent percentage of the files that was read
 * @param reason why it failed; only then
 * @param message why it failed, for people
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record StoredBackupRunStatus(
        RunPhase phase,
        Integer progressPercent,
        @Size(max = Messages.MAX_REASON) String reason,
        @Size(max = Messages.MAX_LENGTH) String message)
        implements RunStatus {
    public StoredBackupRunStatus {
        message = Messages.bounded(message);
        progressPercent = Percent.bounded(progressPercent);
    }
}
