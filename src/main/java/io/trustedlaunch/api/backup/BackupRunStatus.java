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
 * @param phase how far it is
 * @param progressPercent percentage of the disks that was read; reported every ten seconds at most
 * @param result what the backup has; only once it is completed
 * @param reason why it failed; only then
 * @param message why it failed, for people
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record BackupRunStatus(
        RunPhase phase,
        Integer progressPercent,
        BackupResult result,
        @Size(max = Messages.MAX_REASON) String reason,
        @Size(max = Messages.MAX_LENGTH) String message)
        implements RunStatus {
    public BackupRunStatus {
        message = Messages.bounded(message);
        progressPercent = Percent.bounded(progressPercent);
    }
}
