package io.trustedlaunch.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.image.RecordedImage;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * The VM and the time of a backup, for those who have the VM's key, since a store's administrators need not know it.
 *
 * @param contentSHA256 {@link BackupContent#sha256} of the files that this describes
 * @param vm the VM's identity
 * @param image that the OS disk was made from, as the VM's record has it; absent if it is not known, as of a VM that was
 *     adopted
 * @param epoch of the incarnation that ran, or ran last
 * @param guestState which of the VM's states the file {@code guest-state} is
 * @param ekDigest SHA-256 of the TPM's endorsement key, in lower-case hex
 * @param disks in the order of their names
 * @param quiesced whether the guest's agent had frozen its file systems
 * @param time of the instant that all files are of; RFC 3339, in UTC
 */
@JsonPropertyOrder({
    "format",
    "contentSHA256",
    "vm",
    "namespace",
    "name",
    "image",
    "epoch",
    "guestState",
    "ekDigest",
    "disks",
    "quiesced",
    "time"
})
@JsonIgnoreProperties(value = "format", allowGetters = true)
@RecordBuilder
public record BackupDescription(
        String contentSHA256,
        UUID vm,
        String namespace,
        String name,
        RecordedImage image,
        long epoch,
        GuestStateVersion guestState,
        String ekDigest,
        List<Disk> disks,
        boolean quiesced,
        String time) {
    static final int FORMAT = 2;

    /**
     * A disk.
     *
     * @param name see {@link DiskName}
     * @param virtualBytes size of the disk as the guest sees it
     * @param map where its map is
     */
    @JsonPropertyOrder({"name", "virtualBytes", "map"})
    public record Disk(String name, long virtualBytes, SegmentRef map) {
        public Disk {
            if (name == null || !DiskName.isDisk(name) || virtualBytes < 1 || map == null) {
                throw new IllegalArgumentException("not a disk of a backup");
            }
        }
    }

    /** @throws IllegalArgumentException if something is missing or has a form that it never has */
    public BackupDescription {
        HexDigest.require("contentSHA256", contentSHA256);
        Objects.requireNonNull(vm, "vm");
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(guestState, "guestState");
        HexDigest.require("ekDigest", ekDigest);
        disks = List.copyOf(disks);
        List<String> names = disks.stream().map(Disk::name).toList();
        if (!names.contains(DiskName.ROOT)
                || !names.equals(names.stream().distinct().sorted().toList())) {
            throw new IllegalArgumentException("there is no OS disk, or the disks are not in order");
        }
        if (epoch < 1 || !isUtc(time)) {
            throw new IllegalArgumentException("the epoch must be at least 1, and the time RFC 3339 in UTC");
        }
    }

    private static boolean isUtc(String time) {
        try {
            return time != null && Instant.parse(time).toString().equals(time);
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    @JsonProperty
    int format() {
        return FORMAT;
    }

    /** Of a data disk, or of {@link DiskName#ROOT}. */
    public Optional<Disk> disk(String disk) {
        return disks.stream().filter(one -> one.name().equals(disk)).findFirst();
    }

    public Instant instant() {
        return Instant.parse(time);
    }
}
