package io.trustedlaunch.api.backup;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Schemas;
import java.util.List;

/**
 * Which files a backup and those that it follows from have, as it follows from the record: what a node may read of a bucket is
 * signed without reading anything in it.
 *
 * @param follows the backups that it has the changes since, by their folders, the latest first; none if it is full
 * @param dataDisks names of the VM's data disks
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record BackupFiles(
        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = BackupFiles.MAX_FOLLOWED)
        List<@Pattern(Schemas.UID) @Size(max = 36) String> follows,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(max = 16)
        List<@Pattern(Schemas.DNS_LABEL) @Size(max = 32) String> dataDisks) {
    /** A chain has a full backup and seven with changes. */
    public static final int MAX_FOLLOWED = 7;

    /** The files of a full backup of a VM with one disk. */
    public static final BackupFiles NONE = new BackupFiles(List.of(), List.of());

    public BackupFiles {
        follows = Lists.orEmpty(follows);
        dataDisks = Lists.orEmpty(dataDisks);
    }
}
