package io.trustedlaunch.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;

/**
 * What an agent saves, and where. Immutable.
 *
 * @param nodeName node whose agent makes the backup
 * @param vmRef the VM; its UID is the VM's identity
 * @param backupRef the VMBackup
 * @param epoch of the incarnation that runs on that node
 * @param location where the backup is made
 * @param mode how much is saved
 * @param image that the VM's OS disk was made from; absent if it is not known
 * @param completed the VM's completed backups in that location, the newest first: one of them may be the base
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
@ValidationRule(value = "self == oldSelf", message = "a BackupRun is immutable")
public record BackupRunSpec(
        @Required @SelectableField @Size(min = 1, max = 253)
        String nodeName,

        @Required Vm vmRef,
        @Required Backup backupRef,
        @Required @Min(1) Long epoch,
        @Required Location location,
        @Required BackupMode mode,
        TrustedLaunchVMStatus.Image image,

        @Size(max = 64) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<Completed> completed) {

    public BackupRunSpec {
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
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Completed(
            @Required @Pattern(Schemas.UID) @Size(max = 36) String uid,
            @Pattern(Schemas.UID) @Size(max = 36) String parentUID,
            @Required @Pattern(Schemas.SHA256) @Size(max = 64) String indexSHA256,
            @Required @Size(max = 40) String time) {}
}
