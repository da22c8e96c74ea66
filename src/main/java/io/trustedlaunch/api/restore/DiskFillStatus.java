package io.trustedlaunch.api.restore;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Size;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.Percent;
import io.trustedlaunch.api.RunPhase;
import io.trustedlaunch.api.RunStatus;

/**
 * How far the disks are filled, as the agent reports. It does not fail: what hinders it is told, and tried again.
 *
 * @param phase Running until the VM's disks are whole, then Completed
 * @param reason why it cannot go on now; absent otherwise
 * @param message the same, for people
 * @param progressPercent percentage of the disks that is filled
 * @param epoch of the guest that ran when they were whole; only with Completed. A later one may have begun to attach the backup anew
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record DiskFillStatus(
        RunPhase phase,
        @Size(max = Messages.MAX_REASON) String reason,
        @Size(max = Messages.MAX_LENGTH) String message,
        Integer progressPercent,
        Long epoch)
        implements RunStatus {
    public DiskFillStatus {
        message = Messages.bounded(message);
        progressPercent = Percent.bounded(progressPercent);
    }
}
