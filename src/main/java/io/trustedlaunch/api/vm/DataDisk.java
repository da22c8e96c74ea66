package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.trustedlaunch.api.DiskIdentity;
import io.trustedlaunch.api.Schemas;
import java.util.Optional;

/**
 * A further disk, made empty at the start that adds it.
 *
 * @param name unique within the VM; with what status.dataDisks shows, the disk's serial number
 * @param size bytes of the disk, for example 200Gi; it may grow, which takes effect at the next start; it cannot shrink once
 *     the VM has a TPM
 * @param from a disk that was removed before and is this one again; if omitted, a name that is not in use is an empty disk
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value =
                "!has(self.from) || self.from.removedDisk == self.name || self.from.removedDisk.startsWith(self.name + '.')",
        fieldPath = ".from",
        message =
                "a removed disk keeps its name: the part of from.removedDisk before the dot must be the name of the entry")
public record DataDisk(
        @Required
        @Size(min = 1, max = 32)
        @Pattern(Schemas.DNS_LABEL)
        @ValidationRule(
                value = "self != 'os'",
                message = "os is the name of the OS disk: give the data disk another name")
        String name,

        @Required
        @ValidationRule(
                value = Schemas.DISK_SIZE,
                message = "the size of a data disk must be between 1Mi and 64Ti, for example 200Gi")
        Quantity size,

        Origin from) {
    /** The most that a VM may have. */
    public static final int MAX = 16;

    /** An empty disk, or the one that has the name. */
    public DataDisk(String name, Quantity size) {
        this(name, size, null);
    }

    /** The removed disk that it is; empty: whichever has its name, or an empty one. */
    public Optional<DiskIdentity> broughtBack() {
        return Optional.ofNullable(from).map(Origin::removedDisk).flatMap(DiskIdentity::parse);
    }

    /**
     * Where a data disk comes from.
     *
     * @param removedDisk id of one of status.removedDisks, which has the same name
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Origin(
            @Required @Size(min = 1, max = DiskIdentity.MAX_LENGTH) @Pattern(DiskIdentity.PATTERN)
            String removedDisk) {}
}
