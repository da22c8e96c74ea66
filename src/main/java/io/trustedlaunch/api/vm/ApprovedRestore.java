package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.trustedlaunch.api.Lists;
import io.trustedlaunch.api.ObjectRef;
import io.trustedlaunch.api.Schemas;
import java.util.List;

/**
 * A backup that the VM goes back to before its next start.
 *
 * @param backupRef a completed VMBackup of this VM, in the VM's namespace
 * @param disks names of the only data disks that go back; if omitted, all disks, the TPM and the UEFI variables do
 * @param startAtOnce the VM starts while its disks are filled from the backup, which is needed until they are whole; not with disks
 * @param approvedBy name of the user who approves, as kubectl auth whoami shows it; another name is refused
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
        value = "!has(self.startAtOnce) || !self.startAtOnce || !has(self.disks)",
        message =
                "approveRestore has either startAtOnce or disks: a VM of which only some disks go back starts when they are whole")
public record ApprovedRestore(
        @Required ObjectRef backupRef,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Size(min = 1, max = 16)
        List<@Pattern(Schemas.DNS_LABEL) @Size(max = 32) String> disks,

        Boolean startAtOnce,
        @Required @Size(min = 1, max = 1024) String approvedBy) {
    public ApprovedRestore {
        disks = Lists.orEmpty(disks);
        startAtOnce = Boolean.TRUE.equals(startAtOnce) ? true : null;
    }

    /** The disks are filled before the VM starts. */
    public ApprovedRestore(ObjectRef backupRef, List<String> disks, String approvedBy) {
        this(backupRef, disks, null, approvedBy);
    }

    /** The VM starts while its disks are filled. */
    public boolean startsAtOnce() {
        return startAtOnce != null;
    }

    /** The whole VM. */
    public ApprovedRestore(ObjectRef backupRef, String approvedBy) {
        this(backupRef, List.of(), approvedBy);
    }
}
