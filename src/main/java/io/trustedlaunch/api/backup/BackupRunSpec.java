package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Schemas;
import io.trustedlaunch.api.image.RecordedImage;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * The disks and the guest state that an agent saves, and where. Everything except envelope is immutable.
 *
 * @param nodeName node whose agent does it
 * @param vmRef the VM; its UID is the VM's identity
 * @param backupRef the VMBackup
 * @param epoch of the incarnation that runs on that node, or ran last
 * @param guestState of a VM that is off, as it is on record; absent if the VM runs
 * @param keys base64 of a CMS structure with the keys of the VM's backups, sealed to the node; only of a VM that is off: the
 *     node of one that runs has the VM's own
 * @param location where the backup is made
 * @param bytesPerSecond the most that it sends; absent: there is no limit
 * @param mode how much is saved
 * @param quiesce whether the guest agent is asked to freeze the guest's file systems; absent: it is not
 * @param image that the VM's OS disk was made from; absent if it is not known
 * @param completed the VM's completed backups in that location, the newest first: one of them may be the base, and what they have
 *     is not written again
 * @param escrow base64 of a CMS structure with the VM's key and record, sealed for the cluster's backup key; absent without one
 * @param envelope what the agent may ask of the location's bucket; absent for a folder, and until the operator has made it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
@ValidationRule(
        value = "has(self.image) == has(oldSelf.image) && has(self.completed) == has(oldSelf.completed)"
                + " && has(self.bytesPerSecond) == has(oldSelf.bytesPerSecond)"
                + " && has(self.escrow) == has(oldSelf.escrow) && has(self.quiesce) == has(oldSelf.quiesce)"
                + " && has(self.guestState) == has(oldSelf.guestState) && has(self.keys) == has(oldSelf.keys)",
        message = BackupRunSpec.IMMUTABLE)
@ValidationRule(
        value = "has(self.guestState) == has(self.keys)",
        message = "a run that saves a VM that is off has its guest state and keys")
public record BackupRunSpec(
        @Required
        @SelectableField
        @ValidationRule(value = "self == oldSelf", message = BackupRunSpec.IMMUTABLE)
        @Size(min = 1, max = 253)
        String nodeName,

        @Required @ValidationRule(value = "self == oldSelf", message = BackupRunSpec.IMMUTABLE)
        Vm vmRef,

        @Required @ValidationRule(value = "self == oldSelf", message = BackupRunSpec.IMMUTABLE)
        Backup backupRef,

        @Required @Min(1) @ValidationRule(value = "self == oldSelf", message = BackupRunSpec.IMMUTABLE)
        Long epoch,

        @ValidationRule(value = "self == oldSelf", message = BackupRunSpec.IMMUTABLE)
        GuestStateVersion guestState,

        @ValidationRule(value = "self == oldSelf", message = BackupRunSpec.IMMUTABLE) @Size(max = 65536)
        String keys,

        @Required @ValidationRule(value = "self == oldSelf", message = BackupRunSpec.IMMUTABLE)
        Location location,

        @Min(1) @ValidationRule(value = "self == oldSelf", message = BackupRunSpec.IMMUTABLE)
        Long bytesPerSecond,

        @Required @ValidationRule(value = "self == oldSelf", message = BackupRunSpec.IMMUTABLE)
        BackupMode mode,

        @ValidationRule(value = "self == oldSelf", message = BackupRunSpec.IMMUTABLE)
        Quiesce quiesce,

        @ValidationRule(value = "self == oldSelf", message = BackupRunSpec.IMMUTABLE)
        RecordedImage image,

        @Size(max = 64)
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @ValidationRule(value = "self == oldSelf", message = BackupRunSpec.IMMUTABLE)
        List<Completed> completed,

        @Size(max = VMBackupStatus.MAX_ESCROW)
        @ValidationRule(value = "self == oldSelf", message = BackupRunSpec.IMMUTABLE)
        String escrow,

        Envelope envelope)
        implements BackupOrder {
    static final String IMMUTABLE = "a BackupRun is immutable but for its envelope";

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
     * A BackupLocation: a folder or a bucket, which is used only if its marker has the ID.
     *
     * @param name its name
     * @param id of the store that is meant
     * @param folder absolute path of its folder on the node
     * @param s3 URL of the server with the bucket and the prefix in it, for messages
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @ValidationRule(value = "has(self.folder) != has(self.s3)", message = "location needs exactly one of: folder, s3")
    public record Location(
            @Required @Size(min = 1, max = 253) String name,
            @Required @Pattern(Schemas.UID) @Size(max = 36) String id,
            @Size(min = 2, max = 512) String folder,
            @Size(max = 1024) String s3) {
        public Location(String name, String id, String folder) {
            this(name, id, folder, null);
        }

        /** Of one without an ID nothing can be ordered: the API server refuses it. */
        public static Location of(BackupLocation location) {
            BackupLocationSpec spec = location.getSpec();
            return new Location(
                    location.getMetadata().getName(),
                    spec.id(),
                    spec.folder() == null ? null : spec.folder().path(),
                    spec.s3() == null ? null : spec.s3().url());
        }

        /** Whether what is done here waits at that time for signed URLs, which the operator seals. */
        public boolean lacksUrls(Envelope envelope, Instant time) {
            return s3 != null && (envelope == null || !time.isBefore(Instant.parse(envelope.expirationTime())));
        }

        /** The ID that the marker must have. */
        public UUID storeID() {
            return UUID.fromString(id);
        }

        /** Where backups are, for people. */
        public String place() {
            return folder == null ? s3 : "the folder " + folder;
        }
    }

    /**
     * Signed URLs for this run, which only the node's agent can open.
     *
     * @param sealed base64 of a CMS structure
     * @param expirationTime until when they are valid; RFC 3339, UTC
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Envelope(
            @Required @Size(max = 1048576) String sealed,
            @Required @Size(max = 40) String expirationTime) {}

    /**
     * A backup that was completed.
     *
     * @param uid names its folder in the location
     * @param indexSHA256 SHA-256 of its index
     * @param time the instant that it is of; RFC 3339, UTC
     * @param damaged true if something of it was found altered or missing, or of a backup that it may share files with; nothing
     *     of it is used for another backup
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Completed(
            @Required @Pattern(Schemas.UID) @Size(max = 36) String uid,

            @Required @Pattern(Schemas.SHA256) @Size(max = 64)
            String indexSHA256,

            @Required @Size(max = 40) String time,
            Boolean damaged) {
        public Completed {
            damaged = (damaged != null && damaged) ? true : null;
        }

        public Completed(String uid, String indexSHA256, String time) {
            this(uid, indexSHA256, time, null);
        }

        /** {@link #damaged}. */
        public boolean unusable() {
            return damaged != null;
        }
    }
}
