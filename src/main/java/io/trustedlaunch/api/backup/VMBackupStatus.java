package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Conditioned;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Messages;
import io.trustedlaunch.api.image.RecordedImage;
import java.util.List;

/**
 * How far the backup is, and what it has.
 *
 * @param observedGeneration generation of the spec that this status describes; -1 until the backup was seen
 * @param phase a summary for people; programs read the condition Completed
 * @param vmUID the VM's identity: names the backup's folder in the location, with backupUID
 * @param backupUID names the backup's folder
 * @param locationID ID of the store that it is in: spec.id of the BackupLocation, as the marker has it
 * @param nodeName node that makes it
 * @param image that the VM's OS disk was made from; absent if it was not known
 * @param retry after an attempt that failed for a reason that may pass; stays when another one succeeds
 * @param progressPercent percentage of the work of the attempt that is done
 * @param result what it has; only once it is completed
 * @param escrow base64 of a CMS structure with the VM's key and record, which the cluster's backup key opens; only once it is
 *     completed, and if the cluster has such a key
 * @param startTime when the last attempt began, or the backup was imported
 * @param completionTime when it ended; absent until then
 * @param duration how long that attempt took, in whole seconds, as in 1h2m3s; absent until then, and if it was imported
 * @param verification the last one
 * @param verifiedPercent percentage that the verification under way has read; absent otherwise
 * @param conditions Completed; Quiesced if the guest agent was asked; Verified after a verification; Removed while its files are being removed;
 *     Stalled or Reconciling while it is not as its spec requests; Complete or Failed once it has ended
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record VMBackupStatus(
        Long observedGeneration,
        Phase phase,
        @Size(max = 36) String vmUID,
        @Size(max = 36) String backupUID,
        @Size(max = 36) String locationID,
        @Size(max = 253) String nodeName,
        RecordedImage image,
        Retry retry,
        Integer progressPercent,
        BackupResult result,
        @Size(max = VMBackupStatus.MAX_ESCROW) String escrow,
        String startTime,
        String completionTime,
        @Size(max = 32) String duration,
        Verification verification,
        Integer verifiedPercent,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Condition> conditions)
        implements Conditioned {
    /** The most characters of an escrow: it is on record of each backup. */
    public static final int MAX_ESCROW = 262_144;

    public VMBackupStatus {
        conditions = Lists.orEmpty(conditions);
    }

    /** The state of a backup. */
    public enum Phase {
        /** It waits, for its turn or for the VM; the condition says for which. */
        Pending,
        Running,
        Completed,
        Failed,
        /** Its files are being removed, and then the VMBackup. */
        Removing
    }

    /**
     * What is known of the attempts that failed for a reason that may pass.
     *
     * @param failedAttempts how many there were
     * @param lastUID of the BackupRun of the last one, which also names the folder that it may have begun
     * @param nextTime when the next one may begin; RFC 3339, UTC
     * @param reason why the last one failed
     * @param message why the last one failed, for people
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Retry(
            Integer failedAttempts,
            @Size(max = 36) String lastUID,
            @Size(max = 40) String nextTime,
            @Size(max = Messages.MAX_REASON) String reason,
            @Size(max = Messages.MAX_LENGTH) String message) {
        public Retry {
            message = Messages.bounded(message);
        }
    }

    /**
     * That all files of the backup were read and compared. The condition Verified has the result.
     *
     * @param request the annotation trustedlaunch.io/verify-requested-at that asked for it
     * @param time when it ended; RFC 3339, UTC
     * @param readSince everything that the backup needs was read since then, some of it for other backups; RFC 3339, UTC
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Verification(
            @Size(max = 64) String request,
            @Size(max = 40) String time,
            @Size(max = 40) String readSince) {}
}
