package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.GuestStateVersion;

/**
 * The record of a completed backup.
 *
 * @param indexSHA256 SHA-256 of its index, lower-case hexadecimal: the backup's identity
 * @param type whether it has everything, or what has changed since another backup
 * @param fullReason why everything was saved; only if it is full
 * @param parentUID the backup that it has the changes since, by its folder; only if it is incremental
 * @param guestState which of the VM's guest states it has
 * @param time the instant that disks and guest state are of; RFC 3339, UTC
 * @param changed bytes that were read from the VM's disks
 * @param stored bytes of all its files, rounded up
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
        @Size(max = 36) String parentUID,
        GuestStateVersion guestState,
        @Size(max = 40) String time,
        Quantity changed,
        Quantity stored,
        Long pauseMilliseconds,
        Boolean quiesced,
        @Size(max = 64) String notQuiescedReason) {

    /** How much a backup has. */
    public enum Type {
        Full,
        Incremental
    }
}
