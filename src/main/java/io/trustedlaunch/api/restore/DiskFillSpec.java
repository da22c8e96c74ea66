package io.trustedlaunch.api.restore;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.Schemas;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;

/**
 * Which backup a node serves to a VM. Everything except envelope and its expirationTime is immutable.
 *
 * @param nodeName node whose agent does it, which is that of the VM's incarnation
 * @param vmRef the VM; its UID is the VM's identity
 * @param storageLocation the storage location with the VM's folder
 * @param backup which backup
 * @param backupOf identity of the VM that the backup is of
 * @param location where the backup is
 * @param bytesPerSecond the most that it reads; absent: there is no limit
 * @param envelope base64 of a CMS structure with the keys that open the VM's backups, and the signed URLs of a bucket, sealed to
 *     the node; sealed anew before the URLs expire
 * @param expirationTime until when the signed URLs in the envelope are valid; RFC 3339, UTC; absent for a folder
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
@ValidationRule(value = "has(self.bytesPerSecond) == has(oldSelf.bytesPerSecond)", message = DiskFillSpec.IMMUTABLE)
public record DiskFillSpec(
        @Required
        @SelectableField
        @ValidationRule(value = "self == oldSelf", message = DiskFillSpec.IMMUTABLE)
        @Size(min = 1, max = 253)
        String nodeName,

        @Required @ValidationRule(value = "self == oldSelf", message = DiskFillSpec.IMMUTABLE)
        VMIncarnationSpec.VmRef vmRef,

        @Required @ValidationRule(value = "self == oldSelf", message = DiskFillSpec.IMMUTABLE)
        VMIncarnationSpec.Location storageLocation,

        @Required @ValidationRule(value = "self == oldSelf", message = DiskFillSpec.IMMUTABLE)
        RecordedBackup backup,

        @Required
        @Pattern(Schemas.UID)
        @ValidationRule(value = "self == oldSelf", message = DiskFillSpec.IMMUTABLE)
        @Size(max = 36)
        String backupOf,

        @Required @ValidationRule(value = "self == oldSelf", message = DiskFillSpec.IMMUTABLE)
        BackupRunSpec.Location location,

        @Min(1) @ValidationRule(value = "self == oldSelf", message = DiskFillSpec.IMMUTABLE)
        Long bytesPerSecond,

        @Required @Size(min = 1, max = 1048576) String envelope,
        @Size(max = 40) String expirationTime) {
    static final String IMMUTABLE = "a DiskFill is immutable but for its envelope";

    /**
     * Whether it was created for this: somebody with the rights of an administrator may have created another one of its name.
     *
     * @param vm that has the fill on record
     * @param node of its incarnation
     */
    public boolean isFor(TrustedLaunchVM vm, TrustedLaunchVMStatus.Fill fill, String node) {
        return vmRef.owner().equals(vm.getMetadata().getUid())
                && vmRef.uid().equals(vm.identity())
                && nodeName.equals(node)
                && backup.equals(fill.backup())
                && backupOf.equals(fill.backupOf())
                && location.equals(fill.location());
    }
}
