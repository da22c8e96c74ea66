package io.trustedlaunch.api.vm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.trustedlaunch.api.ObjectRef;

/**
 * A backup that the VM goes back to before its next start.
 *
 * @param backupRef a completed VMBackup of this VM, in the VM's namespace
 * @param approvedBy name of the user who approves, as kubectl auth whoami shows it; another name is refused
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ApprovedRestore(
        @Required ObjectRef backupRef,
        @Required @Size(min = 1, max = 1024) String approvedBy) {}
