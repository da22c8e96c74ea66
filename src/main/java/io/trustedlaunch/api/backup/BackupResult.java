package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.vm.DataDisk;
import java.util.List;

/**
 * The record of a completed backup. Each is whole by itself, whatever was read for it.
 *
 * @param indexSHA256 SHA-256 of its index, lower-case hexadecimal: the backup's identity
 * @param type what was read of the VM's disks; absent if it was imported
 * @param fullReason why everything was read; only if type is Full
 * @param baseUID the backup since which the changes were read, by its folder; only if type is Incremental
 * @param guestState which of the VM's guest states it has
 * @param dataDisks IDs of the data disks that it has, in their order; the OS disk is in each backup
 * @param time the instant that disks and guest state are of; RFC 3339, UTC
 * @param changed bytes that were read from the VM's disks
 * @param stored bytes that were written to the location, rounded up: what earlier backups of the VM have is not written again
 * @param pauseMilliseconds how long the guest was paused for the instant; 0 if it was not
 * @param quiesced whether the guest agent had frozen the guest's file systems at the instant; absent if it was not asked
 * @param notQuiescedReason why it had not; only if quiesced is false
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
public record BackupResult(
        @Size(max = 64) String indexSHA256,
        Type type,
        @Size(max = 64) String fullReason,
        @Size(max = 36) String baseUID,
        GuestStateVersion guestState,

        // An agent's own record of a run has every property.
        @JsonInclude(JsonInclude.Include.ALWAYS) @Size(max = DataDisk.MAX)
        List<@Pattern(DiskIdentity.PATTERN) @Size(max = DiskIdentity.MAX_LENGTH) String> dataDisks,

        @Size(max = 40) String time,
        Quantity changed,
        Quantity stored,
        Long pauseMilliseconds,
        Boolean quiesced,
        @Size(max = 64) String notQuiescedReason) {
    public BackupResult {
        dataDisks = Lists.orEmpty(dataDisks);
    }

    /** How much is read for a backup. */
    public enum Type {
        /** All of the disks. */
        Full,
        /** What has changed since another backup, by the disks' own record. */
        Incremental
    }
}
