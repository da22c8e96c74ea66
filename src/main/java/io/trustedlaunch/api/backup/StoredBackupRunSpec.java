package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Schemas;
import io.trustedlaunch.api.backup.BackupRunSpec.Backup;
import io.trustedlaunch.api.backup.BackupRunSpec.Envelope;
import io.trustedlaunch.api.backup.BackupRunSpec.Location;
import io.trustedlaunch.api.backup.BackupRunSpec.Vm;
import java.util.List;

/**
 * The action of an agent on the files of a backup, and where they are. Everything except envelope is immutable.
 *
 * @param action what it does
 * @param nodeName node whose agent does it
 * @param vmRef the VM that was backed up; its UID is the VM's identity
 * @param backupRef the VMBackup
 * @param backupUID names the backup's folder in the location
 * @param location where the files are; those that are removed are in a folder
 * @param indexSHA256 SHA-256 of the backup's index; only to verify: a backup that was never completed has none, and can be removed
 * @param bytesPerSecond the most that it reads; only to verify; absent: there is no limit
 * @param alreadyRead what is not read again; only to verify; absent: everything that the backup needs is read
 * @param envelope what the agent may read of the location's bucket; absent for a folder, and until the operator has made it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
@ValidationRule(
        value = "has(self.indexSHA256) == has(oldSelf.indexSHA256)"
                + " && has(self.bytesPerSecond) == has(oldSelf.bytesPerSecond)"
                + " && has(self.alreadyRead) == has(oldSelf.alreadyRead)",
        message = StoredBackupRunSpec.IMMUTABLE)
@ValidationRule(
        value = "has(self.indexSHA256) == (self.action == 'Verify')",
        message = "a verification has the digest of the backup's index, and a removal has none")
@ValidationRule(
        value = "self.action == 'Verify' || (has(self.location.folder) && !has(self.bytesPerSecond)"
                + " && !has(self.alreadyRead) && !has(self.envelope))",
        message = "a removal is from a folder, reads nothing, and has no envelope")
public record StoredBackupRunSpec(
        @Required @ValidationRule(value = "self == oldSelf", message = StoredBackupRunSpec.IMMUTABLE)
        Action action,

        @Required
        @SelectableField
        @ValidationRule(value = "self == oldSelf", message = StoredBackupRunSpec.IMMUTABLE)
        @Size(min = 1, max = 253)
        String nodeName,

        @Required @ValidationRule(value = "self == oldSelf", message = StoredBackupRunSpec.IMMUTABLE)
        Vm vmRef,

        @Required @ValidationRule(value = "self == oldSelf", message = StoredBackupRunSpec.IMMUTABLE)
        Backup backupRef,

        @Required
        @Pattern(Schemas.UID)
        @ValidationRule(value = "self == oldSelf", message = StoredBackupRunSpec.IMMUTABLE)
        @Size(max = 36)
        String backupUID,

        @Required @ValidationRule(value = "self == oldSelf", message = StoredBackupRunSpec.IMMUTABLE)
        Location location,

        @Pattern(Schemas.SHA256)
        @ValidationRule(value = "self == oldSelf", message = StoredBackupRunSpec.IMMUTABLE)
        @Size(max = 64)
        String indexSHA256,

        @Min(1) @ValidationRule(value = "self == oldSelf", message = StoredBackupRunSpec.IMMUTABLE)
        Long bytesPerSecond,

        @ValidationRule(value = "self == oldSelf", message = StoredBackupRunSpec.IMMUTABLE)
        AlreadyRead alreadyRead,

        Envelope envelope)
        implements BackupOrder {
    static final String IMMUTABLE = "a StoredBackupRun is immutable but for its envelope";

    /** The action on the files of a backup. */
    public enum Action {
        /** The files are removed, but for those that other backups of the VM need. */
        Remove,
        /** All bytes that the backup needs are read and compared. */
        Verify
    }

    /**
     * Packs that were read a while ago.
     *
     * @param since the packs were read since then, and were intact; RFC 3339, UTC
     * @param backups other backups of the VM in the location: each pack that one of them needs was read
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record AlreadyRead(
            @Required @Size(max = 40) String since,
            @Required @Size(min = 1, max = AlreadyRead.MOST) List<Backup> backups) {
        /** The most backups: their indexes are read. */
        public static final int MOST = 8;

        public AlreadyRead {
            backups = Lists.orEmpty(backups);
        }

        /**
         * A backup that was verified.
         *
         * @param uid names its folder in the location
         * @param indexSHA256 SHA-256 of its index
         */
        @JsonIgnoreProperties(ignoreUnknown = true)
        public record Backup(
                @Required @Pattern(Schemas.UID) @Size(max = 36)
                String uid,

                @Required @Pattern(Schemas.SHA256) @Size(max = 64)
                String indexSHA256) {}
    }
}
