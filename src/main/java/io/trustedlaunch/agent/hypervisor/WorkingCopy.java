package io.trustedlaunch.agent.hypervisor;

import java.nio.file.Path;
import java.util.UUID;

/**
 * A VM's guest state on this host, as it was seen a moment ago.
 *
 * @param tpmState swtpm's one file, where libvirt wants it
 * @param variables the UEFI variables
 */
public record WorkingCopy(UUID vm, Path tpmState, Path variables, State state) {
    public enum State {
        /** No TPM folder: on this host there is no TPM of this VM. */
        ABSENT,
        /** Both files are there and not empty. */
        PRESENT,
        /**
         * The TPM's folder is there, but one of the two files is missing or empty. Started like this, libvirt and swtpm
         * would make a new one in silence.
         */
        DAMAGED
    }
}
