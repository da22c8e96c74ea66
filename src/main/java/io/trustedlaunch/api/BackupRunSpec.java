package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;

/**
 * What an agent saves, removes or verifies, and where. Immutable.
 *
 * @param action what it is for
 * @param nodeName node whose agent does it
 * @param vmRef the VM; its UID is the VM's identity
 * @param backupRef the VMBackup
 * @param epoch of the incarnation that runs on that node; only to make a backup
 * @param target the backup that is removed or verified
 * @param location where the backup is made
 * @param mode how much is saved
 * @param image that the VM's OS disk was made from; absent if it is not known
 * @param completed the VM's completed backups in that location, the newest first: one of them may be the base
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
@ValidationRule(value = "self == oldSelf", message = "a BackupRun is immutable")
@ValidationRule(
        value = "self.action == 'Backup' ? has(self.epoch) && !has(self.target) : has(self.target)",
        message = "a run that makes a backup has an epoch, and every other run a target")
public record BackupRunSpec(
        @Default("Backup") BackupAction action,

        @Required @SelectableField @Size(min = 1, max = 253) String nodeName,

        @Required Vm vmRef,
        @Required Backup backupRef,
        @Min(1) Long epoch,
        Completed target,
        @Required Location location,
        @Required BackupMode mode,
        TrustedLaunchVMStatus.Image image,

        @Size(max = 64) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<Completed> completed) {

    public BackupRunSpec {
        action = action == null ? BackupAction.Backup : action;
        completed = Lists.orEmpty(completed);
    }

    /**
     * A TrustedLaunchVM.
     *
     * @param namespace its namespace
     * @param name its name
     * @param uid the VM's identity
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Vm(
            @Required @Size(min = 1, max = 63) String namespace,
            @Required @Size(min = 1, max = 253) String name,
            @Required @Pattern(Schemas.UID) @Size(max = 36) String uid) {}

    /**
     * A VMBackup of the VM's namespace.
     *
     * @param name its name
     * @param uid its UID
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Backup(
            @Required @Size(min = 1, max = 253) String name,
            @Required @Pattern(Schemas.UID) @Size(max = 36) String uid) {}

    /**
     * A BackupLocation.
     *
     * @param name its name
     * @param folder absolute path of its folder on the node
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Location(
            @Required @Size(min = 1, max = 253) String name,
            @Required @Size(min = 2, max = 512) String folder) {}

    /**
     * A backup that was completed.
     *
     * @param uid names its folder in the location
     * @param parentUID the backup that it has the changes since; absent if it is full
     * @param indexSHA256 SHA-256 of its index
     * @param time the instant that it is of; RFC 3339, UTC
     * @param damaged true if something of it, or of what it follows from, was found altered or missing
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Completed(
            @Required @Pattern(Schemas.UID) @Size(max = 36) String uid,
            @Pattern(Schemas.UID) @Size(max = 36) String parentUID,

            @Required @Pattern(Schemas.SHA256) @Size(max = 64)
            String indexSHA256,

            @Required @Size(max = 40) String time,
            Boolean damaged) {
        public Completed {
            damaged = (damaged != null && damaged) ? true : null;
        }

        public Completed(String uid, String parentUID, String indexSHA256, String time) {
            this(uid, parentUID, indexSHA256, time, null);
        }

        /** {@link #damaged}. */
        public boolean unusable() {
            return damaged != null;
        }
    }
}
