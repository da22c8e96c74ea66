package io.trustedlaunch.agent.hypervisor;

import java.nio.file.Path;
import java.util.UUID;

/**
 * A VM's guest state on this host, as observed a moment ago.
 *
 * @param tpmState swtpm's state file, at libvirt's path
 * @param variables the UEFI variables
 */
public record WorkingCopy(UUID vm, Path tpmState, Path variables, State state) {
    public enum State {
        /** No TPM folder: this host has no TPM of the VM. */
        ABSENT,
        /** Both files exist and are not empty. */
        PRESENT,
        /**
         * The TPM's folder exists, but one of the two files is missing or empty. At a start, libvirt and swtpm would silently
         * make a new one.
         */
        DAMAGED
    }
}
