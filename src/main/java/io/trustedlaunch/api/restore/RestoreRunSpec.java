package io.trustedlaunch.api.restore;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.crd.generator.annotation.SelectableField;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.trustedlaunch.api.GuestStateVersion;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.Schemas;
import io.trustedlaunch.api.backup.BackupRunSpec;
import io.trustedlaunch.api.backup.CloneSource;
import io.trustedlaunch.api.backup.RecordedBackup;
import io.trustedlaunch.api.incarnation.VMIncarnationSpec;
import io.trustedlaunch.api.vm.DataDisk;
import io.trustedlaunch.api.vm.TrustedLaunchVM;
import io.trustedlaunch.api.vm.TrustedLaunchVMStatus;
import java.util.List;
import java.util.Objects;

/**
 * Which backup an agent puts in the place of a stopped VM's files, or copies a new VM's disks from. Immutable.
 *
 * @param nodeName node whose agent does it
 * @param vmRef the VM; its UID is the VM's identity
 * @param epoch of the VM's last incarnation; no later one may have begun. 0 if there was none
 * @param afterFences the NodeFences without which it would not have begun: the files are put in their places only while each of
 *     them proves a node dead
 * @param storageLocation the storage location with the VM's folder
 * @param backup which backup
 * @param location where the backup is
 * @param disks names of the only data disks that go back; absent if all of the VM does, or is copied
 * @param guestState the guest state in the backup; absent if only disks are copied, or go back
 * @param copyOf the VM that the backup is of; absent if it is the same one
 * @param osDiskSize bytes of the new VM's OS disk, which is not smaller than the copied one; only with copyOf
 * @param dataDisks the VM's data disks: those of the backup. With copyOf, the new VM's, by their names, and not smaller
 * @param startAtOnce the disks are made empty, and a DiskFill serves their content to the guest; absent: they are filled first
 * @param envelope base64 of a CMS structure with the keys that open the VM's backups, sealed to the node
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@RecordBuilder
@ValidationRule(value = "self == oldSelf", message = "a RestoreRun is immutable")
@ValidationRule(
        value = "[has(self.disks), has(self.guestState), has(self.copyOf)].filter(one, one).size() == 1"
                + " && has(self.copyOf) == has(self.osDiskSize)",
        message = "a RestoreRun has either disks, or a guestState, or copyOf and osDiskSize")
public record RestoreRunSpec(
        @Required @SelectableField @Size(min = 1, max = 253) String nodeName,

        @Required VMIncarnationSpec.VmRef vmRef,
        @Required @Min(0) Long epoch,

        @Size(max = 64) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<@Size(max = 253) String> afterFences,

        @Required VMIncarnationSpec.Location storageLocation,
        @Required RecordedBackup backup,
        @Required BackupRunSpec.Location location,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(min = 1, max = 16)
        List<@Pattern(Schemas.DNS_LABEL) @Size(max = 32) String> disks,

        GuestStateVersion guestState,
        CloneSource copyOf,
        Quantity osDiskSize,

        @Size(max = DataDisk.MAX) @JsonInclude(JsonInclude.Include.NON_EMPTY)
        List<VMIncarnationSpec.Disk> dataDisks,

        Boolean startAtOnce,
        @Required @Size(min = 1, max = 1048576) String envelope) {
    public RestoreRunSpec {
        startAtOnce = Boolean.TRUE.equals(startAtOnce) ? true : null;
        afterFences = Lists.orEmpty(afterFences);
        disks = Lists.orEmpty(disks);
        dataDisks = Lists.orEmpty(dataDisks);
    }

    /** The VM starts while its disks are filled. */
    public boolean startsAtOnce() {
        return startAtOnce != null;
    }

    /**
     * Whether it was created for this restore: somebody with the rights of an administrator may have created another one of its
     * name.
     *
     * @param vm that has the restore on record
     */
    public boolean isFor(TrustedLaunchVM vm, TrustedLaunchVMStatus.Restore restore) {
        return vmRef.owner().equals(vm.getMetadata().getUid())
                && nodeName.equals(restore.nodeName())
                && epoch.equals(restore.afterEpoch())
                && storageLocation.name().equals(restore.storageLocation())
                && backup.equals(restore.backup())
                && location.equals(restore.location())
                && disks.equals(restore.disks())
                && Objects.equals(guestState, restore.guestState())
                && Objects.equals(copyOf, restore.copyOf())
                && startsAtOnce() == restore.startsAtOnce();
    }
}
