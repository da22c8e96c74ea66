package io.trustedlaunch.agent.incarnation.state;

import io.trustedlaunch.agent.hypervisor.WorkingCopy;
import io.trustedlaunch.agent.incarnation.report.Ek;
import io.trustedlaunch.agent.tpm.TpmSecret;

/** Makes and reads TPMs on this host. All methods throw {@link io.trustedlaunch.agent.host.RefusedException}. */
public interface Tpms {
    /** Makes the VM's TPM; an existing one is left as it is. */
    void manufacture(WorkingCopy copy, TpmSecret secret);

    /** Writes the TPM state of a working copy that has none: atomically, durably, owned by swtpm's user. */
    void place(WorkingCopy copy, byte[] state);

    /** Reads the endorsement key from a copy of the state. */
    Ek probe(WorkingCopy copy, TpmSecret secret);

    /** Reads a state that is in no working copy, to recognize its TPM later. */
    Known know(byte[] state, TpmSecret secret);

    /** A TPM with its endorsement key. */
    interface Known {
        Ek ek();

        /** Whether the working copy holds this TPM, in any later state; much faster than {@link #probe}. */
        boolean isIn(WorkingCopy copy, TpmSecret secret);
    }
}
