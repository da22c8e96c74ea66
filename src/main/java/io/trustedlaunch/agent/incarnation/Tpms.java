package io.trustedlaunch.agent.incarnation;

import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.tpm.TpmSecret;

/** The host's TPM makers and readers. Both throw {@link io.trustedlaunch.agent.host.RefusedException}. */
public interface Tpms {
    /** Makes the VM's TPM; one that is there already is left as it is. */
    void manufacture(WorkingCopy copy, TpmSecret secret);

    /** Reads the endorsement key from a copy of the state. */
    Ek probe(WorkingCopy copy, TpmSecret secret);
}
